// The OME schema 2016-06 (ome.xsd version 2) as a table: attributes, content models, identifiers and references. Reader, writer and
// validator are all driven by it. Facts: ome.xsd; documented in prose at docs.openmicroscopy.org/ome-model.
//
// Attributes: `Name`, `Name!` (required), `Name:type`, `Name:type@unitKind=default` (a quantity: also `NameUnit`).
// Types: those of `SimpleType`; `enum=E`; `list=E` (space-separated); `id=Class` (defines); `ref=Class` (refers).
// Content: names in order with ? * +, groups ( | ); `Name:Type` where the element's type is not its name.

import { ENUMS, type EnumName, UNITS, type UnitKind } from './enums.js';

export const OME_NAMESPACE = 'http://www.openmicroscopy.org/Schemas/OME/2016-06';

export type SimpleType =
  | 'string'
  | 'boolean'
  | 'int'
  | 'long'
  | 'nonNegativeInt'
  | 'positiveInt'
  | 'nonNegativeLong'
  | 'float'
  | 'positiveFloat'
  | 'nonNegativeFloat'
  | 'fraction'
  | 'dateTime'
  | 'uuid'
  | 'hex40'
  | 'uri'
  | 'base64'
  | 'enum'
  | 'list'
  | 'id'
  | 'ref';

export interface AttributeSpec {
  readonly name: string;
  readonly type: SimpleType;
  readonly required: boolean;
  readonly unit?: { readonly kind: UnitKind; readonly default: string };
  readonly values?: readonly string[];
  readonly enumName?: EnumName;
  /** Class of identifiers for `id` and `ref`. */
  readonly target?: string;
}

export interface ChildSpec {
  readonly name: string;
  /** Key of the element table. */
  readonly type: string;
  readonly many: boolean;
  readonly required: boolean;
}

export interface ElementSpec {
  readonly type: string;
  readonly attributes: readonly AttributeSpec[];
  readonly children: readonly ChildSpec[];
  /** The same by name. */
  readonly attribute: ReadonlyMap<string, AttributeSpec>;
  readonly child: ReadonlyMap<string, ChildSpec>;
  /** Matches the child names in order, each followed by a space; runs of three or more equal names shortened to two. */
  readonly content: RegExp;
  /** Type of the text content; undefined for element content. */
  readonly text?: SimpleType;
  /** Anything may stand inside. */
  readonly open?: boolean;
}

type Row = readonly [attributes: string, content?: string, text?: SimpleType | 'open'];

const MANUFACTURER = 'Manufacturer Model SerialNumber LotNumber';
const LIGHT = `ID!:id=LightSource Power:float@power=mW ${MANUFACTURER}`;
const LIGHTS = 'Laser|Arc|Filament|LightEmittingDiode|GenericExcitationSource';
const SHAPE =
  'ID!:id=Shape FillColor:int FillRule:enum=FillRule StrokeColor:int StrokeWidth:float@length=pixel StrokeDashArray Text ' +
  'FontFamily:enum=FontFamily FontSize:nonNegativeInt@length=pt FontStyle:enum=FontStyle Locked:boolean TheZ:nonNegativeInt ' +
  'TheT:nonNegativeInt TheC:nonNegativeInt';
const IN_SHAPE = 'Transform? AnnotationRef*';
const SHAPES = 'Rectangle|Mask|Point|Ellipse|Line|Polyline|Polygon|Label';
const ANNOTATION = 'ID!:id=Annotation Namespace:uri Annotator:ref=Experimenter';
const IN_ANNOTATION = 'Description? AnnotationRef*';
const XY = 'X!:float Y!:float';
const BOX = `${XY} Width!:float Height!:float`;
const MARKERS = 'MarkerStart:enum=Marker MarkerEnd:enum=Marker';
const OWNED = 'Description? ExperimenterRef? ExperimenterGroupRef?';
const FILTERS = 'ExcitationFilterRef*:FilterRef DichroicRef? EmissionFilterRef*:FilterRef';

const ROWS: Readonly<Record<string, Row>> = {
  OME: [
    'UUID:uuid Creator',
    'Rights? (Project* Dataset* Folder* Experiment* Plate* Screen* Experimenter* ExperimenterGroup* Instrument* Image* ' +
      'StructuredAnnotations? ROI*|BinaryOnly)',
  ],
  BinaryOnly: ['MetadataFile! UUID!:uuid'],
  Rights: ['', 'RightsHolder?:Text RightsHeld?:Text'],
  Text: ['', '', 'string'],
  Description: ['', '', 'string'],

  Project: ['ID!:id=Project Name', `${OWNED} DatasetRef* AnnotationRef*`],
  Dataset: ['ID!:id=Dataset Name', `${OWNED} ImageRef* AnnotationRef*`],
  Folder: ['ID!:id=Folder Name', 'Description? FolderRef* ImageRef* ROIRef* AnnotationRef*'],
  Experiment: ['ID!:id=Experiment Type:list=ExperimentType', 'Description? ExperimenterRef? MicrobeamManipulation*'],
  MicrobeamManipulation: [
    'ID!:id=MicrobeamManipulation Type:list=MicrobeamType',
    'Description? ROIRef+ ExperimenterRef LightSourceSettings*',
  ],
  Experimenter: ['ID!:id=Experimenter FirstName MiddleName LastName Email Institution UserName', 'AnnotationRef*'],
  ExperimenterGroup: ['ID!:id=ExperimenterGroup Name', 'Description? ExperimenterRef* Leader* AnnotationRef*'],
  Leader: ['ID!:ref=Experimenter'],

  Image: [
    'ID!:id=Image Name',
    'AcquisitionDate? ExperimenterRef? Description? ExperimentRef? ExperimenterGroupRef? InstrumentRef? ObjectiveSettings? ' +
      'ImagingEnvironment? StageLabel? Pixels ROIRef* MicrobeamManipulationRef* AnnotationRef*',
  ],
  AcquisitionDate: ['', '', 'dateTime'],
  Pixels: [
    'ID!:id=Pixels DimensionOrder!:enum=DimensionOrder Type!:enum=PixelType SignificantBits:positiveInt Interleaved:boolean ' +
      'BigEndian:boolean SizeX!:positiveInt SizeY!:positiveInt SizeZ!:positiveInt SizeC!:positiveInt SizeT!:positiveInt ' +
      'PhysicalSizeX:positiveFloat@length=µm PhysicalSizeY:positiveFloat@length=µm PhysicalSizeZ:positiveFloat@length=µm ' +
      'TimeIncrement:float@time=s',
    'Channel* (BinData+|TiffData+|MetadataOnly) Plane*',
  ],
  Channel: [
    'ID!:id=Channel Name SamplesPerPixel:positiveInt IlluminationType:enum=IlluminationType PinholeSize:float@length=µm ' +
      'AcquisitionMode:enum=AcquisitionMode ContrastMethod:enum=ContrastMethod ' +
      'ExcitationWavelength:positiveFloat@length=nm EmissionWavelength:positiveFloat@length=nm Fluor NDFilter:float ' +
      'PockelCellSetting:int Color:int',
    'LightSourceSettings? DetectorSettings? FilterSetRef? AnnotationRef* LightPath?',
  ],
  Plane: [
    'TheZ!:nonNegativeInt TheT!:nonNegativeInt TheC!:nonNegativeInt DeltaT:float@time=s ExposureTime:float@time=s ' +
      'PositionX:float@length=reference_frame PositionY:float@length=reference_frame PositionZ:float@length=reference_frame',
    'HashSHA1? AnnotationRef*',
  ],
  HashSHA1: ['', '', 'hex40'],
  MetadataOnly: ['', '', 'open'],
  TiffData: [
    'IFD:nonNegativeInt FirstZ:nonNegativeInt FirstT:nonNegativeInt FirstC:nonNegativeInt PlaneCount:nonNegativeInt',
    'UUID?',
  ],
  UUID: ['FileName', '', 'uuid'],
  BinData: ['Compression:enum=Compression BigEndian!:boolean Length!:nonNegativeLong', '', 'base64'],
  BinaryFile: ['FileName! Size!:nonNegativeLong MIMEType', '(External|BinData)'],
  External: ['href!:uri SHA1!:hex40 Compression:enum=Compression'],
  StageLabel: ['Name! X:float@length=reference_frame Y:float@length=reference_frame Z:float@length=reference_frame'],
  ImagingEnvironment: [
    'Temperature:float@temperature=°C AirPressure:float@pressure=mbar Humidity:fraction CO2Percent:fraction',
    'Map?',
  ],
  Map: ['', 'M*'],
  M: ['K', '', 'string'],
  LightPath: ['', `${FILTERS} AnnotationRef*`],
  LightSourceSettings: ['ID!:ref=LightSource Attenuation:fraction Wavelength:positiveFloat@length=nm'],
  DetectorSettings: [
    'ID!:ref=Detector Offset:float Gain:float Voltage:float@voltage=V Zoom:float ReadOutRate:float@frequency=MHz ' +
      'Binning:enum=Binning Integration:positiveInt',
  ],
  ObjectiveSettings: ['ID!:ref=Objective CorrectionCollar:float Medium:enum=Medium RefractiveIndex:float'],

  Instrument: [
    'ID!:id=Instrument',
    `Microscope? (${LIGHTS})* Detector* Objective* FilterSet* Filter* Dichroic* AnnotationRef*`,
  ],
  Microscope: [`Type:enum=MicroscopeType ${MANUFACTURER}`],
  Laser: [
    `${LIGHT} Type:enum=LaserType LaserMedium:enum=LaserMedium Wavelength:positiveFloat@length=nm ` +
      'FrequencyMultiplication:positiveInt Tuneable:boolean Pulse:enum=Pulse PockelCell:boolean RepetitionRate:float@frequency=Hz',
    'AnnotationRef* Pump?',
  ],
  Arc: [`${LIGHT} Type:enum=ArcType`, 'AnnotationRef*'],
  Filament: [`${LIGHT} Type:enum=FilamentType`, 'AnnotationRef*'],
  LightEmittingDiode: [LIGHT, 'AnnotationRef*'],
  GenericExcitationSource: [LIGHT, 'AnnotationRef* Map?'],
  Pump: ['ID!:ref=LightSource'],
  Detector: [
    'ID!:id=Detector Type:enum=DetectorType Gain:float Voltage:float@voltage=V Offset:float Zoom:float ' +
      `AmplificationGain:float ${MANUFACTURER}`,
    'AnnotationRef*',
  ],
  Objective: [
    'ID!:id=Objective Correction:enum=Correction Immersion:enum=Immersion LensNA:float NominalMagnification:float ' +
      `CalibratedMagnification:float WorkingDistance:float@length=µm Iris:boolean ${MANUFACTURER}`,
    'AnnotationRef*',
  ],
  FilterSet: [`ID!:id=FilterSet ${MANUFACTURER}`, FILTERS],
  Filter: [`ID!:id=Filter Type:enum=FilterType FilterWheel ${MANUFACTURER}`, 'TransmittanceRange? AnnotationRef*'],
  TransmittanceRange: [
    'CutIn:positiveFloat@length=nm CutOut:positiveFloat@length=nm CutInTolerance:nonNegativeFloat@length=nm ' +
      'CutOutTolerance:nonNegativeFloat@length=nm Transmittance:fraction',
  ],
  Dichroic: [`ID!:id=Dichroic ${MANUFACTURER}`, 'AnnotationRef*'],

  ProjectRef: ['ID!:ref=Project'],
  DatasetRef: ['ID!:ref=Dataset'],
  FolderRef: ['ID!:ref=Folder'],
  ImageRef: ['ID!:ref=Image'],
  ExperimentRef: ['ID!:ref=Experiment'],
  ExperimenterRef: ['ID!:ref=Experimenter'],
  ExperimenterGroupRef: ['ID!:ref=ExperimenterGroup'],
  InstrumentRef: ['ID!:ref=Instrument'],
  FilterSetRef: ['ID!:ref=FilterSet'],
  FilterRef: ['ID!:ref=Filter'],
  DichroicRef: ['ID!:ref=Dichroic'],
  ROIRef: ['ID!:ref=ROI'],
  MicrobeamManipulationRef: ['ID!:ref=MicrobeamManipulation'],
  AnnotationRef: ['ID!:ref=Annotation'],
  ReagentRef: ['ID!:ref=Reagent'],
  PlateRef: ['ID!:ref=Plate'],
  WellSampleRef: ['ID!:ref=WellSample'],

  Plate: [
    'ID!:id=Plate Name Status ExternalIdentifier RowNamingConvention:enum=NamingConvention ' +
      'ColumnNamingConvention:enum=NamingConvention WellOriginX:float@length=reference_frame ' +
      'WellOriginY:float@length=reference_frame Rows:positiveInt Columns:positiveInt FieldIndex:nonNegativeInt',
    'Description? Well* AnnotationRef* PlateAcquisition*',
  ],
  Well: [
    'ID!:id=Well Row!:nonNegativeInt Column!:nonNegativeInt ExternalDescription ExternalIdentifier Type Color:int',
    'WellSample* ReagentRef? AnnotationRef*',
  ],
  WellSample: [
    'ID!:id=WellSample Index!:nonNegativeInt PositionX:float@length=reference_frame ' +
      'PositionY:float@length=reference_frame Timepoint:dateTime',
    'ImageRef?',
  ],
  PlateAcquisition: [
    'ID!:id=PlateAcquisition Name StartTime:dateTime EndTime:dateTime MaximumFieldCount:positiveInt',
    'Description? WellSampleRef* AnnotationRef*',
  ],
  Screen: [
    'ID!:id=Screen Name ProtocolIdentifier ProtocolDescription ReagentSetDescription ReagentSetIdentifier Type',
    'Description? Reagent* PlateRef* AnnotationRef*',
  ],
  Reagent: ['ID!:id=Reagent Name ReagentIdentifier', 'Description? AnnotationRef*'],

  ROI: ['ID!:id=ROI Name', 'Union AnnotationRef* Description?'],
  Union: ['', `(${SHAPES})+`],
  Rectangle: [`${SHAPE} ${BOX}`, IN_SHAPE],
  Mask: [`${SHAPE} ${BOX}`, `${IN_SHAPE} BinData`],
  Point: [`${SHAPE} ${XY}`, IN_SHAPE],
  Label: [`${SHAPE} ${XY}`, IN_SHAPE],
  Ellipse: [`${SHAPE} ${XY} RadiusX!:float RadiusY!:float`, IN_SHAPE],
  Line: [`${SHAPE} X1!:float Y1!:float X2!:float Y2!:float ${MARKERS}`, IN_SHAPE],
  Polyline: [`${SHAPE} Points! ${MARKERS}`, IN_SHAPE],
  Polygon: [`${SHAPE} Points!`, IN_SHAPE],
  Transform: ['A00!:float A10!:float A01!:float A11!:float A02!:float A12!:float'],

  StructuredAnnotations: [
    '',
    '(XMLAnnotation|FileAnnotation|ListAnnotation|LongAnnotation|DoubleAnnotation|CommentAnnotation|BooleanAnnotation|' +
      'TimestampAnnotation|TagAnnotation|TermAnnotation|MapAnnotation)*',
  ],
  XMLAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:XMLValue`],
  FileAnnotation: [ANNOTATION, `${IN_ANNOTATION} BinaryFile`],
  ListAnnotation: [ANNOTATION, IN_ANNOTATION],
  LongAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:LongValue`],
  DoubleAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:DoubleValue`],
  CommentAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:Text`],
  BooleanAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:BooleanValue`],
  TimestampAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:AcquisitionDate`],
  TagAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:Text`],
  TermAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:Text`],
  MapAnnotation: [ANNOTATION, `${IN_ANNOTATION} Value:Map`],
  XMLValue: ['', '', 'open'],
  LongValue: ['', '', 'long'],
  DoubleValue: ['', '', 'float'],
  BooleanValue: ['', '', 'boolean'],
};

export const LIGHT_SOURCES: readonly string[] = LIGHTS.split('|');
export const SHAPE_NAMES: readonly string[] = SHAPES.split('|');

const cache = new Map<string, ElementSpec>();

/** Table entry of an element type; undefined for names that the schema lacks. */
export function elementSpec(type: string): ElementSpec | undefined {
  const known = cache.get(type);
  const row = known ? undefined : Object.hasOwn(ROWS, type) ? ROWS[type] : undefined;
  if (!row) return known;
  const [attributes, content = '', text] = row;
  const children: ChildSpec[] = [];
  const specs = attributes.split(' ').filter(Boolean).map(parseAttribute);
  const pattern = parseContent(content, children);
  const made: ElementSpec = {
    type,
    attributes: specs,
    attribute: new Map(specs.map((each) => [each.name, each])),
    content: pattern,
    children,
    child: new Map(children.map((each) => [each.name, each])),
    ...(text === 'open' ? { open: true } : text && { text }),
  };
  cache.set(type, made);
  return made;
}

function parseAttribute(text: string): AttributeSpec {
  const [, name, mark, rest] = /^(\w+)(!?)(?::(.*))?$/.exec(text)!;
  const required = mark === '!';
  if (!rest) return { name: name!, type: 'string', required };
  const [typeText, unitText] = rest.split('@');
  const [type, argument] = typeText!.split('=') as [SimpleType, string?];
  if (unitText) {
    const [kind, symbol] = unitText.split('=') as [UnitKind, string];
    return { name: name!, type, required, unit: { kind, default: symbol.replace('_', ' ') } };
  }
  if (type === 'enum' || type === 'list') {
    return { name: name!, type, required, values: ENUMS[argument as EnumName], enumName: argument as EnumName };
  }
  return { name: name!, type, required, ...(argument && { target: argument }) };
}

/** Content notation to a regular expression over names; fills `children`. */
function parseContent(text: string, children: ChildSpec[]): RegExp {
  let optional = 0;
  const source = text.replace(
    /(\w+)([?*+]?)(?::(\w+))?|([()|])([?*+]?)|\s+/g,
    (all, name, count, type, bracket, groupCount) => {
      if (bracket === '(') optional++;
      if (bracket === ')') optional--;
      if (bracket) return bracket === '(' ? '(?:' : bracket + groupCount;
      if (!name) return all.trim();
      children.push({
        name,
        type: type ?? name,
        many: count === '*' || count === '+' || isRepeated(text, name),
        required: optional === 0 && (count === '' || count === '+'),
      });
      return `(?:${name} )${count}`;
    },
  );
  return new RegExp(`^${source}$`);
}

/** Inside a group that may come more than once. */
function isRepeated(text: string, name: string): boolean {
  return [...text.matchAll(/\(([^()]*)\)[*+]/g)].some(([, group]) => group!.split('|').includes(name));
}

export function unitsOf(kind: UnitKind): readonly string[] {
  return UNITS[kind];
}

const patterns = new Map<string, RegExp>();

/** Whether `id` fits the identifier pattern of a class (ome.xsd `…ID` types); ROI's is loose. */
export function isId(target: string, id: string): boolean {
  let pattern = patterns.get(target);
  if (!pattern) {
    pattern = target === 'ROI' ? /^\S+:\S+$/ : new RegExp(`^(?:urn:lsid:[\\w\\-.]+\\.[\\w\\-.]+:)?${target}:\\S+$`);
    patterns.set(target, pattern);
  }
  return pattern.test(id);
}

/** The identifier as the schema allows it: unchanged where it fits, else the part from `Class:` on, else a made-up one from its characters. */
export function cleanId(target: string, id: string): string {
  if (isId(target, id)) return id;
  const at = id.lastIndexOf(`${target}:`);
  const tail = at >= 0 ? id.slice(at + target.length + 1) : id.slice(id.indexOf(':') + 1);
  return `${target}:${tail.trim().replace(/\s+/g, '_') || 'none'}`;
}
