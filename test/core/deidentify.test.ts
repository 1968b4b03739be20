import { describe, expect, it } from 'vitest';
import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import { validateOmeXml } from '../../src/containers/ome-xml/validate.js';
import { writeOmeXml } from '../../src/containers/ome-xml/write.js';
import type { Dataset, ImageSource } from '../../src/core/contracts.js';
import { deidentify } from '../../src/core/deidentify.js';

const XML = `<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Project ID="Project:0" Name="p"><ExperimenterRef ID="Experimenter:0"/><AnnotationRef ID="Annotation:0"/></Project>
<Plate ID="Plate:0" ExternalIdentifier="patient 7"><Well ID="Well:0" Row="0" Column="0"><WellSample ID="WellSample:0" Index="0" Timepoint="2020-01-02T03:04:05"><ImageRef ID="Image:0"/></WellSample></Well>
<PlateAcquisition ID="PlateAcquisition:0" StartTime="2020-01-02T03:04:05"/></Plate>
<Experimenter ID="Experimenter:0" LastName="Secret"/>
<Instrument ID="Instrument:0"><Microscope Model="M" SerialNumber="S1"/><Detector ID="Detector:0" SerialNumber="S2" LotNumber="L"/><Objective ID="Objective:0" Model="O"/></Instrument>
<Image ID="Image:0" Name="slide"><AcquisitionDate>2020-01-02T03:04:05</AcquisitionDate><ExperimenterRef ID="Experimenter:0"/><Description>of Mr Secret</Description><InstrumentRef ID="Instrument:0"/>
<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1" PhysicalSizeX="0.5"><Channel ID="Channel:0:0"><AnnotationRef ID="Annotation:0"/></Channel><MetadataOnly/></Pixels><AnnotationRef ID="Annotation:0"/></Image>
<Image ID="Image:1" Name="label"><Pixels ID="Pixels:1" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1"><Channel ID="Channel:1:0"/><MetadataOnly/></Pixels></Image>
<StructuredAnnotations><CommentAnnotation ID="Annotation:0"><Value>Secret</Value></CommentAnnotation></StructuredAnnotations></OME>`;

function dataset(): Dataset {
  const image = (role: ImageSource['role']): ImageSource => ({
    name: role,
    role,
    type: 'uint8',
    levels: [
      {
        shape: [1, 1, 1, 4, 4],
        blocks: {
          layout: { kind: 'grid', block: [1, 1, 1, 4, 4], edge: 'clipped' },
          address: { kind: 'table', file: 0, offset: new Float64Array(1), length: new Float64Array(1) },
          files: ['x'],
          chains: [{ codecs: [], order: 'tczyx' }],
          fill: 0,
          absent: 'missing',
        },
      },
    ],
  });
  const original = [{ key: 'User', value: 'Secret' }];
  return { format: 'x', ome: readOmeXml(XML).model, images: [image('pixels'), image('label')], original, files: ['x'] };
}

describe('deidentify', () => {
  it('removes persons, dates, serial numbers, free texts, vendor metadata and the label, and tells it', () => {
    const { dataset: clean, notice } = deidentify(dataset());
    const xml = writeOmeXml(clean.ome, { pixels: 'metadata-only', original: clean.original });
    for (const word of ['Secret', '2020', 'S1', 'S2', 'patient', 'LotNumber', 'label']) expect(xml).not.toContain(word);
    expect(clean.images.map(({ role }) => role)).toEqual(['pixels']);
    expect(clean.ome.Images).toHaveLength(1);
    for (const word of ['pictures of labels (1)', 'persons (1)', 'dates (3)', 'serial numbers (2)', 'annotations (1)'])
      expect(notice.text).toContain(word);
  });

  it('keeps what tells nobody: sizes, models, names of images; and a valid model', () => {
    const { dataset: clean } = deidentify(dataset());
    const xml = writeOmeXml(clean.ome, { pixels: 'metadata-only' });
    for (const word of ['PhysicalSizeX="0.5"', 'Model="M"', 'Model="O"', 'Name="slide"']) expect(xml).toContain(word);
    expect(validateOmeXml(xml).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
