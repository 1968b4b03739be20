import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { matchEnum, matchUnit } from '../../src/containers/ome-xml/enums.js';
import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import { validateOmeXml } from '../../src/containers/ome-xml/validate.js';
import { binaryOnlyXml, encodeOmeXml, writeOmeXml, writeOmeXmlTo } from '../../src/containers/ome-xml/write.js';
import type { OmeModel } from '../../src/core/ome.js';
import { colorFromHex, completeChannels, hexFromColor, simpleImage } from '../../src/core/ome-build.js';

const OPEN = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">';

/** Something of every kind that the schema has. */
const RICH = `${OPEN}
<Rights><RightsHolder>me</RightsHolder><RightsHeld>some &amp; all</RightsHeld></Rights>
<Project ID="Project:0" Name="p"><Description> kept  as is </Description><DatasetRef ID="Dataset:0"/></Project>
<Dataset ID="Dataset:0"><ImageRef ID="Image:0"/></Dataset>
<Folder ID="Folder:0"><ImageRef ID="Image:0"/><ROIRef ID="ROI:0"/></Folder>
<Experiment ID="Experiment:0" Type="FP TimeLapse"><ExperimenterRef ID="Experimenter:0"/>
 <MicrobeamManipulation ID="MicrobeamManipulation:0" Type="FRAP"><ROIRef ID="ROI:0"/><ExperimenterRef ID="Experimenter:0"/>
 <LightSourceSettings ID="LightSource:0:0" Attenuation="0.5"/></MicrobeamManipulation></Experiment>
<Plate ID="Plate:0" Name="pl" RowNamingConvention="letter" ColumnNamingConvention="number" Rows="8" Columns="12" WellOriginX="1" WellOriginXUnit="mm">
 <Description>d</Description><Well ID="Well:0" Row="0" Column="1" Color="-1"><WellSample ID="WellSample:0" Index="0" PositionX="3" Timepoint="2020-01-02T03:04:05">
 <ImageRef ID="Image:0"/></WellSample><ReagentRef ID="Reagent:0"/></Well><AnnotationRef ID="Annotation:2"/>
 <PlateAcquisition ID="PlateAcquisition:0" MaximumFieldCount="1" StartTime="2020-01-02T03:04:05Z"><WellSampleRef ID="WellSample:0"/></PlateAcquisition></Plate>
<Screen ID="Screen:0"><Reagent ID="Reagent:0" Name="r"/><PlateRef ID="Plate:0"/></Screen>
<Experimenter ID="Experimenter:0" FirstName="A" LastName="B" Email="a@b.org"/>
<ExperimenterGroup ID="ExperimenterGroup:0" Name="g"><ExperimenterRef ID="Experimenter:0"/><Leader ID="Experimenter:0"/></ExperimenterGroup>
<Instrument ID="Instrument:0"><Microscope Type="Inverted" Manufacturer="M"/>
 <Laser ID="LightSource:0:0" Power="5" PowerUnit="W" Type="Gas" LaserMedium="Ar" Wavelength="488" Tuneable="false" Pulse="CW" RepetitionRate="2.5"
 ><Pump ID="LightSource:0:1"/></Laser><Arc ID="LightSource:0:1" Type="HgXe"/><GenericExcitationSource ID="LightSource:0:2"><Map><M K="a">b</M></Map></GenericExcitationSource>
 <Laser ID="LightSource:0:3"/>
 <Detector ID="Detector:0:0" Type="EMCCD" Gain="1.5" Voltage="600" VoltageUnit="mV"/>
 <Objective ID="Objective:0:0" Correction="PlanApo" Immersion="Oil" LensNA="1.4" NominalMagnification="63" WorkingDistance="0.1" WorkingDistanceUnit="mm" Iris="true"/>
 <FilterSet ID="FilterSet:0"><ExcitationFilterRef ID="Filter:0"/><DichroicRef ID="Dichroic:0"/><EmissionFilterRef ID="Filter:0"/></FilterSet>
 <Filter ID="Filter:0" Type="BandPass" FilterWheel="w"><TransmittanceRange CutIn="500" CutOut="550" CutOutTolerance="0" Transmittance="0.9"/></Filter>
 <Dichroic ID="Dichroic:0" LotNumber="7"/></Instrument>
<Image ID="Image:0" Name="n&#10;&lt;1&gt;"><AcquisitionDate>2020-01-02T03:04:05.678+01:00</AcquisitionDate><ExperimenterRef ID="Experimenter:0"/>
 <Description>line 1
line 2 é 🔬</Description><ExperimentRef ID="Experiment:0"/><ExperimenterGroupRef ID="ExperimenterGroup:0"/><InstrumentRef ID="Instrument:0"/>
 <ObjectiveSettings ID="Objective:0:0" Medium="Oil" RefractiveIndex="1.518"/>
 <ImagingEnvironment Temperature="310" TemperatureUnit="K" CO2Percent="0.05"><Map><M K="k">v</M></Map></ImagingEnvironment><StageLabel Name="s" X="1" XUnit="µm"/>
 <Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SignificantBits="12" SizeX="4" SizeY="3" SizeZ="2" SizeC="4" SizeT="1" PhysicalSizeX="0.1"
 PhysicalSizeY="100" PhysicalSizeYUnit="nm" PhysicalSizeZ="2e-3" PhysicalSizeZUnit="mm" TimeIncrement="1.5" TimeIncrementUnit="min">
 <Channel ID="Channel:0:0" Name="a" SamplesPerPixel="1" IlluminationType="Epifluorescence" PinholeSize="30" AcquisitionMode="SpinningDiskConfocal" ContrastMethod="Fluorescence"
 ExcitationWavelength="488" EmissionWavelength="5200" EmissionWavelengthUnit="Å" Fluor="GFP" NDFilter="0.3" PockelCellSetting="4" Color="16711935">
 <LightSourceSettings ID="LightSource:0:0" Attenuation="1" Wavelength="487.5"/><DetectorSettings ID="Detector:0:0" Binning="2x2" Integration="3" ReadOutRate="10"/>
 <FilterSetRef ID="FilterSet:0"/><AnnotationRef ID="Annotation:1"/><LightPath><DichroicRef ID="Dichroic:0"/></LightPath></Channel>
 <Channel ID="Channel:0:1" SamplesPerPixel="3"/><MetadataOnly/>
 <Plane TheZ="1" TheC="0" TheT="0" DeltaT="12.5" DeltaTUnit="ms" ExposureTime="0.02" PositionX="1" PositionY="2" PositionYUnit="µm">
 <HashSHA1>0123456789012345678901234567890123456789</HashSHA1><AnnotationRef ID="Annotation:1"/></Plane></Pixels><ROIRef ID="ROI:0"/>
 <MicrobeamManipulationRef ID="MicrobeamManipulation:0"/><AnnotationRef ID="Annotation:0"/></Image>
<StructuredAnnotations>
 <XMLAnnotation ID="Annotation:0" Namespace="x.org/y" Annotator="Experimenter:0"><Description>d</Description><AnnotationRef ID="Annotation:1"/><Value>
  <body xmlns="urn:b" xmlns:q="urn:q" q:r="1">mixed <b>text</b> <i/> end</body><plain a="1">t</plain></Value></XMLAnnotation>
 <MapAnnotation ID="Annotation:1"><Value><M K="k">1</M><M K="k">2</M></Value></MapAnnotation>
 <FileAnnotation ID="Annotation:2"><BinaryFile FileName="f" Size="3" MIMEType="x/y"><BinData Length="3" BigEndian="false">AAAA</BinData></BinaryFile></FileAnnotation>
 <ListAnnotation ID="Annotation:3"/><LongAnnotation ID="Annotation:4"><Value>9007199254740993</Value></LongAnnotation>
 <BooleanAnnotation ID="Annotation:5"><Value>true</Value></BooleanAnnotation><TimestampAnnotation ID="Annotation:6"><Value>2020-01-02T03:04:05</Value></TimestampAnnotation>
</StructuredAnnotations>
<ROI ID="ROI:0" Name="r"><Union><Rectangle ID="Shape:0:0" X="1" Y="1" Width="2" Height="1.5" FillColor="255" StrokeWidth="2" StrokeWidthUnit="pt" TheZ="1">
 <Transform A00="1" A10="0" A01="0" A11="1" A02="5" A12="6"/></Rectangle>
 <Mask ID="Shape:0:1" X="0" Y="0" Width="2" Height="1"><BinData Length="1" BigEndian="true">wA==</BinData></Mask>
 <Polyline ID="Shape:0:2" Points="0,0 1,1" MarkerEnd="Arrow"/></Union><Description>rd</Description></ROI>
</OME>`;

const codes = (text: string): string[] => validateOmeXml(text).map(({ severity, code }) => `${severity[0]} ${code}`);

describe('validateOmeXml', () => {
  it('accepts a document that has everything', () => {
    expect(validateOmeXml(RICH).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it.each([
    ['Type="uint16"', 'Type="uint12"', 'OME_VALUE'],
    ['SizeX="4"', 'SizeX="0"', 'OME_VALUE'],
    ['DimensionOrder="XYCZT" ', '', 'OME_REQUIRED'],
    ['Image ID="Image:0"', 'Image ID="img0"', 'OME_VALUE'],
    ['PhysicalSizeYUnit="nm"', 'PhysicalSizeYUnit="\u03bcm"', 'OME_UNIT'],
    ['PhysicalSizeYUnit="nm"', 'PhysicalSizeYUnit="um"', 'OME_UNIT'],
    ['PhysicalSizeX="0.1"', 'PhysicalSizeX="0"', 'OME_VALUE'],
    ['OME/2016-06', 'OME/2017-01', 'OME_NAMESPACE'],
    ['Instrument ID=', 'Instrument Foo="1" ID=', 'OME_ATTRIBUTE'],
    ['</OME>', '', 'XML_UNCLOSED'],
    ['ID="Channel:0:1"', 'ID="Channel:0:0"', 'OME_DUPLICATE'],
    ['<InstrumentRef ID="Instrument:0"/>', '<InstrumentRef ID="Instrument:404"/>', 'OME_REFERENCE'],
    ['SpinningDiskConfocal', 'Confocal', 'OME_VALUE'],
    ['Color="16711935"', 'Color="#FF0000"', 'OME_VALUE'],
    ['<OME ', '<OME UUID="1234" ', 'OME_VALUE'],
    ['Row="0" ', '', 'OME_REQUIRED'],
    ['2020-01-02T03:04:05.678+01:00', '22/11/2020', 'OME_VALUE'],
    ['2020-01-02T03:04:05.678+01:00', '2020-02-30T03:04:05', 'OME_VALUE'],
    ['<BinData Length="1" BigEndian="true">wA==</BinData>', '', 'OME_REQUIRED'],
    ['<MetadataOnly/>', '<TiffData/><MetadataOnly/>', 'OME_ORDER'],
    ['Immersion="Oil"', 'Immersion="oil"', 'OME_VALUE'],
    ['<Microscope Type="Inverted" Manufacturer="M"/>', '<Microscope/><Microscope/>', 'OME_ORDER'],
    ['<ListAnnotation ID="Annotation:3"/>', '<ListAnnotation ID="Annotation:3">text</ListAnnotation>', 'OME_CONTENT'],
    ['<Dataset ID="Dataset:0">', '<Dataset ID="Dataset:0"><Image/>', 'OME_CONTENT'],
    ['<MetadataOnly/>', '<MetadataOnly xmlns="urn:other"/>', 'OME_NAMESPACE'],
    ['TheZ="1" TheC="0" TheT="0"', 'TheZ="99" TheC="0" TheT="0"', 'OME_PLANE'],
    ['SizeC="4"', 'SizeC="9"', 'OME_CHANNELS'],
    ['SignificantBits="12"', 'SignificantBits="40"', 'OME_SIGNIFICANT_BITS'],
    ['Name="pl"', 'Name="R&D"', 'XML_REFERENCE'],
  ])('refuses %j → %j', (from, to, code) => {
    expect(RICH).toContain(from);
    expect(codes(RICH.replace(from, to))).toContain(`e ${code}`);
  });

  it.each([
    ['Row="0" Column="1"', 'Row="9" Column="1"', 'OME_WELL'],
    ['TheZ="1">\n <Transform', 'TheZ="7">\n <Transform', 'OME_ROI'],
    ['<AnnotationRef ID="Annotation:2"/>', '', 'OME_ORPHAN'],
    ['<MetadataOnly/>', '<TiffData IFD="0" PlaneCount="3"/>', 'OME_TIFFDATA'],
    ['<MetadataOnly/>', '<BinData BigEndian="false" Length="3">AAAA</BinData>', 'OME_BINDATA'],
    [
      '<MicrobeamManipulation ID="MicrobeamManipulation:0" Type="FRAP"><ROIRef ID="ROI:0"/>',
      '<MicrobeamManipulation ID="MicrobeamManipulation:0" Type="FRAP"><ROIRef ID="ROI:1"/>',
      'OME_REFERENCE',
    ],
  ])('warns about %j → %j', (from, to, code) => {
    expect(RICH).toContain(from);
    const findings = validateOmeXml(RICH.replace(from, to));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(findings.map((each) => each.code)).toContain(code);
  });

  it('does not judge older schemas', () => {
    expect(codes(RICH.replace('OME/2016-06', 'OME/2013-06'))).toEqual(['w OME_OLD_SCHEMA']);
  });
});

describe('reading and writing', () => {
  it('loses nothing of a document', () => {
    const first = readOmeXml(RICH);
    const losses: string[] = [];
    const text = writeOmeXml(first.model, { pixels: 'metadata-only', loss: (each) => losses.push(each) });
    expect(losses).toEqual([]);
    expect(first.original).toEqual([]);
    expect(readOmeXml(text).model).toEqual(first.model);
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
    // Attribute values and texts of the source all come back.
    const values = [...RICH.matchAll(/"([^"]*)"|>([^<>\s][^<>]*)</g)].map((match) => match[1] ?? match[2]!);
    const written = text.replace(/>\s+</g, '><');
    for (const value of values) {
      const number = Number(value);
      const shown =
        value !== '' && Number.isFinite(number) && String(number).length < 16 && !/^0\d/.test(value)
          ? String(number)
          : value;
      expect(written.includes(shown) || written.includes(value), value).toBe(true);
    }
  });

  it('gives typed values and units', () => {
    const { model } = readOmeXml(RICH);
    const { Pixels, Description, ImagingEnvironment } = model.Images[0]!;
    expect(Pixels.PhysicalSizeX).toEqual({ value: 0.1, unit: 'µm' });
    expect(Pixels.PhysicalSizeZ).toEqual({ value: 0.002, unit: 'mm' });
    expect(Pixels.Planes?.[0]).toMatchObject({
      TheZ: 1,
      DeltaT: { value: 12.5, unit: 'ms' },
      PositionX: { value: 1, unit: 'reference frame' },
    });
    expect(Description).toBe('line 1\nline 2 é 🔬');
    expect(ImagingEnvironment?.Map?.children[0]).toMatchObject({ name: 'M', attributes: { K: 'k' }, text: 'v' });
    expect(model.Instruments?.[0]?.LightSources?.map(({ Kind }) => Kind)).toEqual([
      'Laser',
      'Arc',
      'GenericExcitationSource',
      'Laser',
    ]);
    expect(model.Instruments?.[0]?.LightSources?.[0]).toMatchObject({ Pump: 'LightSource:0:1', Tuneable: false });
    expect(model.Others?.map(({ name }) => name)).toEqual([
      'Rights',
      'Project',
      'Dataset',
      'Folder',
      'Experiment',
      'Screen',
      'ExperimenterGroup',
    ]);
  });

  it('is the same for UTF-8 bytes and strings', () => {
    expect(readOmeXml(Buffer.from(RICH))).toEqual(readOmeXml(RICH));
  });

  it('gives empty lists where there is nothing to list', () => {
    const body = '<Plate ID="Plate:0"/><Plate ID="Plate:1"><Well ID="Well:0" Row="0" Column="0"/></Plate>';
    const { model } = readOmeXml(`${OPEN}${body}</OME>`);
    expect(model.Plates?.map((plate) => plate.Wells.map((well) => well.WellSamples.length))).toEqual([[], [0]]);
    expect(model.Images).toEqual([]);
  });

  it('keeps original metadata of data set and images', () => {
    const { model } = readOmeXml(RICH);
    const original = [
      { key: 'a <b>', value: '1 & 2\u0001' },
      { image: 0, key: 'c', value: '' },
    ];
    const text = writeOmeXml(model, { pixels: 'metadata-only', original });
    const back = readOmeXml(text);
    expect(back.original).toEqual([{ key: 'a <b>', value: '1 & 2' }, original[1]]);
    expect(back.model).toEqual(model);
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('forgives bad values and keeps them as original metadata', () => {
    const broken = RICH.replace('SpinningDiskConfocal', 'Weird mode')
      .replace('Binning="2x2"', 'Binning="3x3"')
      .replace('TimeIncrement="1.5"', 'TimeIncrement="soon"');
    const { model, original } = readOmeXml(
      broken.replace('PhysicalSizeX="0.1"', 'PhysicalSizeX="0.0"').replace('Fluor=', 'Flour='),
    );
    const { Pixels } = model.Images[0]!;
    expect([Pixels.PhysicalSizeX, Pixels.TimeIncrement, Pixels.Channels[0]!.AcquisitionMode]).toEqual([
      undefined,
      undefined,
      'Other',
    ]);
    expect(Pixels.Channels[0]!.DetectorSettings?.Binning).toBe('Other');
    const kept = original.map(({ key, value }) => `${key.split('/').at(-1)}=${value}`);
    expect(kept).toEqual(
      ['AcquisitionMode=Weird mode', 'Binning=3x3', 'Flour=GFP', 'TimeIncrement=soon', 'TimeIncrementUnit=min'].sort(
        (a, b) => kept.indexOf(a) - kept.indexOf(b),
      ),
    );
  });

  it.each([
    ['<a/>', 'OME_ROOT'],
    [`${OPEN}<Image ID="Image:0"/></OME>`, 'OME_PIXELS'],
    [RICH.replace('SizeZ="2"', 'SizeZ="-1"'), 'OME_PIXELS'],
    [`${OPEN}<Image>`, 'XML_UNCLOSED'],
  ])('refuses what cannot be read', (text, code) => {
    expect(() => readOmeXml(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('writeOmeXml', () => {
  const model = readOmeXml(RICH).model;

  it('writes TiffData with files', () => {
    const uuid = 'urn:uuid:00000000-0000-4000-8000-000000000001';
    const blocks = [
      { ifd: 3, firstZ: 1, firstC: 0, firstT: 0, planeCount: 1, uuid, fileName: 'a&b.ome.tif' },
      { ifd: 4 },
    ];
    const text = writeOmeXml(model, {
      pixels: () => blocks,
      uuid,
      creator: 'me',
      bigEndian: true,
      interleaved: [true],
      comment: 'a -- b',
    });
    const back = readOmeXml(text);
    expect(back.storage[0]!.tiffData).toEqual([blocks[0], { ifd: 4 }]);
    expect(back.storage[0]).toMatchObject({ bigEndian: true, interleaved: true, metadataOnly: false });
    expect([back.uuid, back.model.Creator]).toEqual([uuid, 'me']);
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('writes BinaryOnly', () => {
    const uuid = 'urn:uuid:00000000-0000-4000-8000-000000000002';
    const text = binaryOnlyXml('set.companion.ome', uuid, { uuid, creator: 'me' });
    expect(codes(text)).toEqual([]);
    expect(readOmeXml(text).binaryOnly).toEqual({ metadataFile: 'set.companion.ome', uuid });
  });

  it('refuses types that the schema cannot name, unless told another', () => {
    const wide = { Images: [simpleImage({ index: 0, shape: [1, 1, 1, 2, 2], type: 'uint64' })] };
    expect(() => writeOmeXml(wide, { pixels: 'metadata-only' })).toThrow(
      expect.objectContaining({ code: 'OME_PIXEL_TYPE', blame: 'unsupported' }),
    );
    expect(writeOmeXml(wide, { pixels: 'metadata-only', types: ['uint32'] })).toContain('Type="uint32"');
  });

  it('makes a valid document of a careless model, and says what it left out', () => {
    const image = simpleImage({ index: 0, name: 'bad\u0000 name', shape: [1, 2, 1, 4, 4], type: 'uint8' });
    const careless: OmeModel = {
      Images: [
        {
          ...image,
          ID: 'first image',
          AcquisitionDate: 'yesterday',
          InstrumentRef: 'Instrument:7',
          ObjectiveSettings: { ID: 'Objective:9', RefractiveIndex: 1.5 },
          ROIRefs: ['ROI:0', 'ROI:1'],
          AnnotationRefs: ['Annotation:0', 'Annotation:1'],
          Pixels: {
            ...image.Pixels,
            PhysicalSizeX: { value: 0, unit: 'µm' },
            PhysicalSizeY: { value: Number.NaN, unit: 'µm' },
            PhysicalSizeZ: { value: 1, unit: 'parsecs' },
            TimeIncrement: { value: 2, unit: 'sec' },
            Channels: [
              { ID: 'Channel:0', AcquisitionMode: 'Confocal!', PockelCellSetting: 1.5, Color: 2 ** 40 },
              { ID: 'Channel:0', ExcitationWavelength: { value: -1, unit: 'nm' } },
            ],
          },
        },
        { ...image, ID: 'Image:1' },
      ],
      ROIs: [
        { ID: 'ROI:0', Shapes: [] },
        {
          ID: 'ROI:1',
          Shapes: [
            { name: 'Point', attributes: { ID: 'Shape:0', X: '1', Y: '2', Text: 'x' }, children: [] },
            { name: 'Blob', attributes: {}, children: [] },
          ],
        },
      ],
      Annotations: [
        {
          Kind: 'LongAnnotation',
          ID: 'Annotation:0',
          Content: [{ name: 'Value', attributes: {}, children: [], text: 'many' }],
        },
        {
          Kind: 'TagAnnotation',
          ID: 'Annotation:1',
          Content: [{ name: 'Value', attributes: {}, children: [], text: 'tag' }],
        },
      ],
      Others: [
        {
          name: 'Dataset',
          attributes: { ID: 'Dataset:0' },
          children: [{ name: 'ImageRef', attributes: { ID: 'first image' }, children: [] }],
        },
      ],
    };
    const losses: string[] = [];
    const text = writeOmeXml(careless, { pixels: 'metadata-only', loss: (each) => losses.push(each) });
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(losses.length).toBeGreaterThan(6);
    const { model: back } = readOmeXml(text);
    expect(back.Images[0]).toMatchObject({
      ID: 'Image:first_image',
      Name: 'bad name',
      ROIRefs: ['ROI:1'],
      AnnotationRefs: ['Annotation:1'],
    });
    expect(back.Images[0]!.Pixels).toMatchObject({ TimeIncrement: { value: 2, unit: 's' } });
    expect(back.Images[0]!.Pixels.PhysicalSizeZ).toBeUndefined();
    expect(back.Others?.[0]?.children[0]?.attributes.ID).toBe('Image:first_image');
  });

  it('gives the same bytes every time, in pieces', () => {
    const planes = Array.from({ length: 5000 }, (_, i) => ({
      TheZ: i,
      TheC: 0,
      TheT: 0,
      DeltaT: { value: i / 7, unit: 's' },
    }));
    const image = simpleImage({ index: 0, shape: [1, 1, 5000, 4, 4], type: 'float', pixels: { Planes: planes } });
    const many = { Images: Array.from({ length: 3 }, (_, i) => ({ ...image, ID: `Image:${i}` })) };
    const pieces: string[] = [];
    writeOmeXmlTo(many, { pixels: 'metadata-only' }, (piece) => pieces.push(piece));
    const text = writeOmeXml(many, { pixels: 'metadata-only' });
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(text);
    expect(Buffer.from(encodeOmeXml(many, { pixels: 'metadata-only' })).toString()).toBe(text);
  });
});

describe('older schemas', () => {
  const old = (version: string, body: string): string =>
    `<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/${version}">${body}</OME>`;
  const pixels =
    '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1"><TiffData/></Pixels>';

  it('2008-09: elements that are attributes today, links that point the other way', () => {
    const { model, original } = readOmeXml(
      old(
        '2008-09',
        `<Experimenter ID="Experimenter:0"><FirstName>J</FirstName><OMEName>j</OMEName><GroupRef ID="Group:1"/></Experimenter><Group ID="Group:1" Name="g"><Leader ID="Experimenter:0"/><Contact ID="Experimenter:0"/></Group>
        <Dataset ID="Dataset:0"/><Instrument ID="Instrument:0"><LightSource ID="LightSource:0" Power="5"><Laser Type="Gas" Medium="Ar"/></LightSource>
        <Objective ID="Objective:0"><LensNA>1.4</LensNA><Immersion>OI</Immersion></Objective><FilterSet ID="FilterSet:0" ExFilterRef="Filter:0"/><Filter ID="Filter:0"><TransmittanceRange Transmittance="80"/></Filter></Instrument>
        <Image ID="Image:0" Name="i" DefaultPixels="Pixels:1"><CreationDate>2008-01-02T03:04:05</CreationDate><GroupRef ID="Group:1"/><DatasetRef ID="Dataset:0"/><ObjectiveRef ID="Objective:0"/>
        <LogicalChannel ID="LogicalChannel:0" SamplesPerPixel="1" NdFilter="0.5"><LightSourceRef ID="LightSource:0" Attenuation="0.1"/><ChannelComponent Pixels="Pixels:1"/><ChannelComponent Pixels="Pixels:1" ColorDomain="red"/></LogicalChannel>
        ${pixels}<Pixels ID="Pixels:1" DimensionOrder="XYZCT" PixelType="Uint8" SizeX="4" SizeY="4" SizeZ="1" SizeC="2" SizeT="1"><TiffData NumPlanes="2"/>
        <Plane TheZ="0" TheC="0" TheT="0"><PlaneTiming DeltaT="1" ExposureTime="2"/><StagePosition PositionX="3"/></Plane></Pixels></Image>`,
      ),
    );
    const image = model.Images[0]!;
    expect(model.Experimenters).toEqual([{ ID: 'Experimenter:0', FirstName: 'J', UserName: 'j' }]);
    const group = model.Others?.find(({ name }) => name === 'ExperimenterGroup');
    expect(group?.attributes.ID).toBe('ExperimenterGroup:1');
    expect(group?.children.map(({ name }) => name)).toEqual(['Leader', 'Contact', 'ExperimenterRef']);
    expect(image.ExperimenterGroupRef).toBe('ExperimenterGroup:1');
    expect(model.Instruments?.[0]).toMatchObject({
      LightSources: [
        { Kind: 'Laser', ID: 'LightSource:0', Power: { value: 5, unit: 'mW' }, Type: 'Gas', LaserMedium: 'Ar' },
      ],
      Objectives: [{ LensNA: 1.4, Immersion: 'Oil' }],
      FilterSets: [{ ExcitationFilterRefs: ['Filter:0'] }],
      Filters: [{ TransmittanceRange: { Transmittance: 0.8 } }],
    });
    expect(image.AcquisitionDate).toBe('2008-01-02T03:04:05');
    expect(image.ObjectiveSettings).toEqual({ ID: 'Objective:0' });
    expect(image.Pixels).toMatchObject({ ID: 'Pixels:1', Type: 'uint8', SizeC: 2 });
    expect(image.Pixels.Channels.map(({ ID, Color, NDFilter }) => [ID, Color, NDFilter])).toEqual([
      ['Channel:0', undefined, 0.5],
      ['Channel:0:1', -16776961, 0.5],
    ]);
    expect(image.Pixels.Planes?.[0]).toMatchObject({
      DeltaT: { value: 1, unit: 's' },
      ExposureTime: { value: 2 },
      PositionX: { value: 3 },
    });
    const text = writeOmeXml(model, { pixels: 'metadata-only', original });
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('2011-06: shapes', () => {
    const shapes = [
      '<Shape ID="Shape:0" Fill="5" Label="l" Transform="1, 0, 0, 1, 5, 6"><Rectangle X="1" Y="2" Width="3" Height="4"/></Shape>',
      '<Shape ID="Shape:1"><Polyline Points="0,0 1,1 2,0" Closed="true"/></Shape>',
      '<Shape ID="Shape:2"><Path Definition="M1,1 L2,2 3,4"/></Shape>',
      '<Shape ID="Shape:3"><Path Definition="M1,1 C2,2 3,4 5,6"/></Shape>',
      '<Shape ID="Shape:4"><Text X="1" Y="1"><Value>Hi</Value></Text></Shape>',
      '<Shape ID="Shape:5" theZ="1"><Circle cx="1" cy="2" r="3"/></Shape>',
      '<Shape ID="Shape:6" TheT="0"><Mask X="0" Y="0"><MaskPixels SizeX="2" SizeY="1"><BinData Length="1" BigEndian="true">wA==</BinData></MaskPixels></Mask></Shape>',
    ];
    const roi = `<ROI ID="ROI:0"><Union>${shapes.join('')}</Union></ROI>`;
    const { model, original } = readOmeXml(
      old('2011-06', `<Image ID="Image:0"><AcquiredDate>2011-01-01T00:00:00</AcquiredDate>${pixels}</Image>${roi}`),
    );
    const found = model.ROIs![0]!.Shapes;
    expect(found.map(({ name }) => name)).toEqual(['Rectangle', 'Polygon', 'Polyline', 'Label', 'Ellipse', 'Mask']);
    expect(found[0]).toMatchObject({
      attributes: { FillColor: '5', Text: 'l' },
      children: [{ name: 'Transform', attributes: { A02: '5', A12: '6' } }],
    });
    expect(found[2]!.attributes.Points).toBe('1,1 2,2 3,4');
    expect(found[3]!.attributes.Text).toBe('Hi');
    expect(found[4]!.attributes).toMatchObject({ X: '1', Y: '2', RadiusX: '3', RadiusY: '3', TheZ: '1' });
    expect(found[5]).toMatchObject({
      attributes: { Width: '2', Height: '1' },
      children: [{ name: 'BinData', text: 'wA==' }],
    });
    expect(original).toContainEqual({ key: 'ROI/Union/Path/Definition', value: 'M1,1 C2,2 3,4 5,6' });
    const text = writeOmeXml(model, { pixels: 'metadata-only' });
    expect(validateOmeXml(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('2003-FC: sizes on the image, identifiers with a host', () => {
    const text =
      '<OME xmlns="http://www.openmicroscopy.org/XMLschemas/OME/FC/ome.xsd"><Image ID="a.org:Image:0" PixelSizeX="0.5" PixelSizeY="0.0">' +
      '<Pixels ID="a.org:Pixels:0" DimensionOrder="XYZCT" PixelType="Uint16" SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1"><TiffData/></Pixels>' +
      '<CA:CustomAttributes xmlns:CA="urn:ca"><OriginalMetadata Name="k" Value="v"/></CA:CustomAttributes></Image></OME>';
    const { model, original, schema } = readOmeXml(text);
    expect(schema).toBe('2003-FC');
    expect(model.Images[0]!.ID).toBe('Image:0');
    expect(model.Images[0]!.Pixels).toMatchObject({ Type: 'uint16', PhysicalSizeX: { value: 0.5, unit: 'µm' } });
    expect(model.Images[0]!.Pixels.PhysicalSizeY).toBeUndefined();
    expect(original).toEqual([{ image: 0, key: 'k', value: 'v' }]);
  });
});

describe('enumerations, units and building blocks', () => {
  it('finds values and units as vendors spell them', () => {
    expect(matchEnum('AcquisitionMode', 'laser scanning confocal')).toBe('LaserScanningConfocalMicroscopy');
    expect(matchEnum('Correction', 'Plan-Apo')).toBe('PlanApo');
    expect(matchEnum('Immersion', 'Vinegar')).toBeUndefined();
    expect(matchUnit('length', '\u03bcm')).toBe('µm');
    expect(matchUnit('length', 'micron')).toBe('µm');
    expect(matchUnit('time', 'µm')).toBeUndefined();
  });

  it('makes images and colours', () => {
    expect(colorFromHex('#ff0000')).toBe(-16776961);
    expect(hexFromColor(16711935)).toBe('00ff00');
    const rgb = simpleImage({ index: 2, shape: [1, 3, 1, 4, 5], type: 'uint8', samplesPerPixel: 3 });
    expect(rgb.Pixels).toMatchObject({ SizeC: 3, SizeX: 5, Channels: [{ ID: 'Channel:2:0', SamplesPerPixel: 3 }] });
    expect(
      completeChannels([{ ID: 'Channel:0', SamplesPerPixel: 3, Name: 'n' }], 3, 0, 1).map(({ ID, Name }) => [ID, Name]),
    ).toEqual([
      ['Channel:0', 'n'],
      ['Channel:0:1', 'n'],
      ['Channel:0:2', 'n'],
    ]);
    expect(completeChannels([{ ID: 'Channel:0' }], 3, 1)).toHaveLength(3);
  });
});

describe('another parser', () => {
  it('finds what is written well-formed, and the same elements in it', () => {
    const { model } = readOmeXml(RICH);
    const text = writeOmeXml(model, { pixels: 'metadata-only' });
    expect(XMLValidator.validate(text)).toBe(true);
    const options = { ignoreAttributes: false, attributeNamePrefix: '' };
    const root = (new XMLParser(options).parse(text) as { OME: { Image: { ID: string; Pixels: { SizeX: string } } } })
      .OME;
    expect(root.Image.ID).toBe('Image:0');
    expect(root.Image.Pixels.SizeX).toBe('4');
  });
});
