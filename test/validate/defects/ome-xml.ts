// A small valid OME-XML document of our own, and one deliberate defect in each copy.

const NS = 'http://www.openmicroscopy.org/Schemas/OME/2016-06';

export const XML_BASE = `<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="${NS}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" UUID="urn:uuid:0d3f2a10-6c1e-4b7a-9d53-2f8e4a6b1c90" xsi:schemaLocation="${NS} ${NS}/ome.xsd">
  <Plate ID="Plate:0" Name="plate" Rows="2" Columns="3">
    <Well ID="Well:0" Row="1" Column="2">
      <WellSample ID="WellSample:0" Index="0"><ImageRef ID="Image:0"/></WellSample>
    </Well>
  </Plate>
  <Instrument ID="Instrument:0">
    <Microscope Type="Inverted"/>
    <Objective ID="Objective:0" Immersion="Oil" LensNA="1.4" NominalMagnification="60"/>
  </Instrument>
  <Image ID="Image:0" Name="cells">
    <AcquisitionDate>2024-05-06T07:08:09</AcquisitionDate>
    <InstrumentRef ID="Instrument:0"/>
    <ObjectiveSettings ID="Objective:0"/>
    <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="2" SizeZ="2" SizeC="3" SizeT="1" SignificantBits="8" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm" PhysicalSizeY="0.5" PhysicalSizeYUnit="µm">
      <Channel ID="Channel:0:0" Name="first" SamplesPerPixel="1" Color="-16776961" AcquisitionMode="WideField"/>
      <Channel ID="Channel:0:1" Name="second" SamplesPerPixel="1"/>
      <Channel ID="Channel:0:2" Name="third" SamplesPerPixel="1"/>
      <BinData BigEndian="false" Length="64">AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</BinData>
      <Plane TheZ="1" TheC="0" TheT="0" DeltaT="0.25"/>
    </Pixels>
    <ROIRef ID="ROI:0"/>
  </Image>
  <ROI ID="ROI:0">
    <Union>
      <Mask ID="Shape:0" X="0" Y="0" Width="4" Height="2"><BinData BigEndian="true" Length="4">/w==</BinData></Mask>
    </Union>
  </ROI>
</OME>
`;

type Change = (xml: string) => string;
const swap =
  (from: string | RegExp, to: string): Change =>
  (xml) =>
    xml.replace(from, to);

const PIXELS = /<Pixels[\s\S]*<\/Pixels>/;

/** What, the rule that finds it, and the change. */
export const XML_DEFECTS: readonly (readonly [id: string, what: string, rule: string, change: Change])[] = [
  ['01', 'pixel type uint12', 'OME_VALUE', swap('Type="uint8"', 'Type="uint12"')],
  ['02', 'SizeX 0', 'OME_VALUE', swap('SizeX="4"', 'SizeX="0"')],
  ['03', 'no DimensionOrder', 'OME_REQUIRED', swap('DimensionOrder="XYZCT" ', '')],
  ['04', 'DimensionOrder ZYXCT', 'OME_VALUE', swap('XYZCT', 'ZYXCT')],
  ['05', 'image ID "img0"', 'OME_VALUE', swap('<Image ID="Image:0"', '<Image ID="img0"')],
  ['06', 'unit with a Greek mu', 'OME_UNIT', swap('PhysicalSizeXUnit="µm"', 'PhysicalSizeXUnit="\u03bcm"')],
  ['07', 'unit "um"', 'OME_UNIT', swap('PhysicalSizeXUnit="µm"', 'PhysicalSizeXUnit="um"')],
  ['08', 'PhysicalSizeX 0', 'OME_VALUE', swap('PhysicalSizeX="0.5"', 'PhysicalSizeX="0"')],
  ['09', 'image without Pixels', 'OME_REQUIRED', swap(PIXELS, '')],
  ['10', 'unknown namespace', 'OME_NAMESPACE', swap(/2016-06/g, '2017-01')],
  ['11', 'unknown attribute', 'OME_ATTRIBUTE', swap('SizeT="1"', 'SizeT="1" SizeQ="1"')],
  ['12', 'not well-formed', 'XML_BROKEN', swap('</Pixels>', '')],
  ['13', 'duplicate channel ID', 'OME_DUPLICATE', swap('Channel:0:1', 'Channel:0:0')],
  [
    '14',
    'dangling InstrumentRef',
    'OME_REFERENCE',
    swap('InstrumentRef ID="Instrument:0"', 'InstrumentRef ID="Instrument:9"'),
  ],
  ['15', 'AcquisitionMode "Confocal"', 'OME_VALUE', swap('WideField', 'Confocal')],
  ['16', 'Color "#FF0000"', 'OME_VALUE', swap('-16776961', '#FF0000')],
  ['17', 'UUID "1234"', 'OME_VALUE', swap(/urn:uuid:[^"]*/, '1234')],
  ['18', 'well without row', 'OME_REQUIRED', swap(' Row="1"', '')],
  [
    '19',
    'Pixels before AcquisitionDate',
    'OME_ORDER',
    (xml) => {
      const pixels = PIXELS.exec(xml)![0];
      return xml.replace(pixels, '').replace('<AcquisitionDate>', `${pixels}<AcquisitionDate>`);
    },
  ],
  ['20', 'plane outside of the sizes', 'OME_PLANE', swap('TheZ="1"', 'TheZ="99"')],
  ['21', 'SizeC 9 with 3 channels', 'OME_CHANNELS', swap('SizeC="3"', 'SizeC="9"')],
  ['22', 'date in another form', 'OME_VALUE', swap('2024-05-06T07:08:09', '06/05/2024')],
  ['23', 'mask without BinData', 'OME_REQUIRED', swap(/(<Mask[^>]*)>.*<\/Mask>/, '$1/>')],
  [
    '24',
    'MetadataOnly after BinData',
    'OME_ORDER',
    swap('</BinData>\n      <Plane', '</BinData><MetadataOnly/>\n      <Plane'),
  ],
  ['25', 'immersion "oil"', 'OME_VALUE', swap('"Oil"', '"oil"')],
  ['26', 'SignificantBits 40 of uint8', 'OME_SIGNIFICANT_BITS', swap('SignificantBits="8"', 'SignificantBits="40"')],
];
