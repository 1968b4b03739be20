// Rules of OME-XML; the codes are those of src/containers/ome-xml.

import { all } from './rule.js';

export const XML = all('OME data model 2016-06', {
  XML_BROKEN: ['error', 'Make the XML well-formed.', 'XML 1.0'],
  OME_ROOT: ['error', 'Let the document be OME-XML: root <OME> of namespace 2016-06.'],
  OME_OLD_SCHEMA: ['warning', 'Bring the document to schema 2016-06: only that it is well-formed was checked.'],
  OME_NAMESPACE: ['error', 'Use the namespace http://www.openmicroscopy.org/Schemas/OME/2016-06.'],
  OME_ATTRIBUTE: ['error', 'Remove attributes that the schema does not know.'],
  OME_REQUIRED: ['error', 'Add what the schema requires.'],
  OME_UNIT: ['error', 'Use a unit of the schema; micrometre is µm with U+00B5.', 'OME data model 2016-06, units'],
  OME_VALUE: ['error', 'Use a value that the schema allows.'],
  OME_DUPLICATE: ['error', 'Use each identifier once.', 'OME data model 2016-06, xsd:key'],
  OME_CONTENT: ['error', 'Remove what the schema does not allow here.'],
  OME_ORDER: ['error', 'Put child elements into the order of the schema.', 'OME data model 2016-06, xsd:sequence'],
  OME_REFERENCE: ['error', 'Let references name something that exists.', 'OME data model 2016-06, xsd:keyref'],
  OME_CHANNELS: ['error', 'Let the samples of all channels add up to SizeC.', 'OME data model 2016-06, Pixels'],
  OME_SIGNIFICANT_BITS: [
    'error',
    'Let SignificantBits be at most the bits of the pixel type.',
    'OME data model 2016-06, Pixels',
  ],
  OME_PLANE: ['error', 'Describe only planes inside the sizes, each once.', 'OME data model 2016-06, Plane'],
  OME_TIFFDATA: ['warning', 'Let TiffData cover every plane once.', 'OME data model 2016-06, TiffData'],
  OME_BINDATA: ['warning', 'Let BinData hold all pixels.', 'OME data model 2016-06, BinData'],
  OME_WELL: ['warning', 'Keep wells inside the plate, one at each place.', 'OME data model 2016-06, Well'],
  OME_WELL_SAMPLE: ['warning', 'Number well samples uniquely in the plate.', 'OME data model 2016-06, WellSample'],
  OME_ROI: ['warning', 'Keep TheZ, TheC and TheT of shapes inside the image.', 'OME data model 2016-06, Shape'],
  OME_ORPHAN: ['warning', 'Refer to the annotation, or remove it.', 'OME data model 2016-06, StructuredAnnotations'],
  OME_MEMBER: [
    'error',
    'Put the file of the set beside this one, under the name that the XML says.',
    'OME-TIFF, "Distributed metadata"',
  ],
});
