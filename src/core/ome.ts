// The OME data model, 2016-06, as frozen plain data. Names and units are those of the schema (ome.xsd), so that the XML door is a table
// and not a translation. Attributes with a unit are quantities. Left out here: nothing that an image conversion may meet; elements of
// the schema without a type of their own here are kept as `OmeElement`.

/** A number with the schema's unit symbol: 'µm' (U+00B5), 's', 'nm', 'reference frame' … */
export interface Quantity {
  readonly value: number;
  readonly unit: string;
}

/**
 * Any schema element that has no interface of its own: name without prefix, attributes as text. Content of XML annotations may be foreign:
 * then attributes keep their prefixes (with the `xmlns:` attributes that declare them), and in mixed content a child named '#text' is text.
 */
export interface OmeElement {
  readonly name: string;
  /** URI, where it differs from the parent's (at first: the schema's own); '' is none. */
  readonly namespace?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly OmeElement[];
  readonly text?: string;
}

export interface OmeModel {
  readonly Creator?: string;
  readonly Images: readonly OmeImage[];
  readonly Instruments?: readonly OmeInstrument[];
  readonly Plates?: readonly OmePlate[];
  readonly Experimenters?: readonly OmeExperimenter[];
  readonly ROIs?: readonly OmeRoi[];
  /** StructuredAnnotations, original metadata excluded. */
  readonly Annotations?: readonly OmeAnnotation[];
  /** Projects, Datasets, Folders, Experiments, Screens, ExperimenterGroups, Rights: kept as they are. */
  readonly Others?: readonly OmeElement[];
}

export interface OmeImage {
  readonly ID: string;
  readonly Name?: string;
  /** xsd:dateTime, with zone only where it is known. */
  readonly AcquisitionDate?: string;
  readonly Description?: string;
  readonly ExperimenterRef?: string;
  readonly ExperimentRef?: string;
  readonly ExperimenterGroupRef?: string;
  readonly InstrumentRef?: string;
  readonly ObjectiveSettings?: OmeObjectiveSettings;
  readonly ImagingEnvironment?: OmeImagingEnvironment;
  readonly StageLabel?: OmeStageLabel;
  readonly Pixels: OmePixels;
  readonly ROIRefs?: readonly string[];
  readonly MicrobeamManipulationRefs?: readonly string[];
  readonly AnnotationRefs?: readonly string[];
}

export type DimensionOrder = 'XYZCT' | 'XYZTC' | 'XYCTZ' | 'XYCZT' | 'XYTCZ' | 'XYTZC';

export interface OmePixels {
  readonly ID: string;
  readonly DimensionOrder: DimensionOrder;
  /** Schema PixelType of what was stored ('bit', 'complex' included); 64-bit integers have none: 'uint64', 'int64' mark them. */
  readonly Type: string;
  readonly SignificantBits?: number;
  readonly SizeX: number;
  readonly SizeY: number;
  readonly SizeZ: number;
  /** Samples: the sum of the channels' SamplesPerPixel. */
  readonly SizeC: number;
  readonly SizeT: number;
  readonly PhysicalSizeX?: Quantity;
  readonly PhysicalSizeY?: Quantity;
  readonly PhysicalSizeZ?: Quantity;
  readonly TimeIncrement?: Quantity;
  readonly Channels: readonly OmeChannel[];
  readonly Planes?: readonly OmePlane[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeChannel {
  readonly ID: string;
  readonly Name?: string;
  readonly SamplesPerPixel?: number;
  readonly IlluminationType?: string;
  readonly AcquisitionMode?: string;
  readonly ContrastMethod?: string;
  readonly ExcitationWavelength?: Quantity;
  readonly EmissionWavelength?: Quantity;
  readonly Fluor?: string;
  readonly NDFilter?: number;
  readonly PinholeSize?: Quantity;
  readonly PockelCellSetting?: number;
  /** Signed 32-bit RGBA, red in the high byte. */
  readonly Color?: number;
  readonly LightSourceSettings?: OmeLightSourceSettings;
  readonly DetectorSettings?: OmeDetectorSettings;
  readonly FilterSetRef?: string;
  readonly LightPath?: OmeLightPath;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmePlane {
  readonly TheZ: number;
  /** Index of the Channel element, not of the sample. */
  readonly TheC: number;
  readonly TheT: number;
  readonly DeltaT?: Quantity;
  readonly ExposureTime?: Quantity;
  readonly PositionX?: Quantity;
  readonly PositionY?: Quantity;
  readonly PositionZ?: Quantity;
  /** Of the plane as stored in the source, 40 hexadecimal digits. */
  readonly HashSHA1?: string;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeLightPath {
  readonly ExcitationFilterRefs?: readonly string[];
  readonly DichroicRef?: string;
  readonly EmissionFilterRefs?: readonly string[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeObjectiveSettings {
  readonly ID: string;
  readonly CorrectionCollar?: number;
  readonly Medium?: string;
  readonly RefractiveIndex?: number;
}

export interface OmeLightSourceSettings {
  readonly ID: string;
  /** Fraction 0 to 1. */
  readonly Attenuation?: number;
  readonly Wavelength?: Quantity;
}

export interface OmeDetectorSettings {
  readonly ID: string;
  readonly Offset?: number;
  readonly Gain?: number;
  readonly Voltage?: Quantity;
  readonly Zoom?: number;
  readonly ReadOutRate?: Quantity;
  readonly Binning?: string;
  readonly Integration?: number;
}

export interface OmeImagingEnvironment {
  readonly Temperature?: Quantity;
  readonly AirPressure?: Quantity;
  /** Fractions 0 to 1. */
  readonly Humidity?: number;
  readonly CO2Percent?: number;
  /** `M` children: attribute K, text. */
  readonly Map?: OmeElement;
}

export interface OmeStageLabel {
  readonly Name: string;
  readonly X?: Quantity;
  readonly Y?: Quantity;
  readonly Z?: Quantity;
}

export interface OmeManufacturerSpec {
  readonly Manufacturer?: string;
  readonly Model?: string;
  readonly SerialNumber?: string;
  readonly LotNumber?: string;
}

export interface OmeInstrument {
  readonly ID: string;
  readonly Microscope?: OmeManufacturerSpec & { readonly Type?: string };
  readonly LightSources?: readonly OmeLightSource[];
  readonly Detectors?: readonly OmeDetector[];
  readonly Objectives?: readonly OmeObjective[];
  readonly FilterSets?: readonly OmeFilterSet[];
  readonly Filters?: readonly OmeFilter[];
  readonly Dichroics?: readonly OmeDichroic[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeLightSource extends OmeManufacturerSpec {
  /** Element name. */
  readonly Kind: 'Laser' | 'Arc' | 'Filament' | 'LightEmittingDiode' | 'GenericExcitationSource';
  readonly ID: string;
  readonly Power?: Quantity;
  /** Laser, Arc, Filament. */
  readonly Type?: string;
  readonly LaserMedium?: string;
  readonly Wavelength?: Quantity;
  readonly FrequencyMultiplication?: number;
  readonly Tuneable?: boolean;
  readonly Pulse?: string;
  readonly PockelCell?: boolean;
  readonly RepetitionRate?: Quantity;
  /** ID of another light source. */
  readonly Pump?: string;
  /** GenericExcitationSource: `M` children: attribute K, text. */
  readonly Map?: OmeElement;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeDetector extends OmeManufacturerSpec {
  readonly ID: string;
  readonly Type?: string;
  readonly Gain?: number;
  readonly Voltage?: Quantity;
  readonly Offset?: number;
  readonly Zoom?: number;
  readonly AmplificationGain?: number;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeObjective extends OmeManufacturerSpec {
  readonly ID: string;
  readonly Correction?: string;
  readonly Immersion?: string;
  readonly LensNA?: number;
  readonly NominalMagnification?: number;
  readonly CalibratedMagnification?: number;
  readonly WorkingDistance?: Quantity;
  readonly Iris?: boolean;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeFilter extends OmeManufacturerSpec {
  readonly ID: string;
  readonly Type?: string;
  readonly FilterWheel?: string;
  readonly TransmittanceRange?: {
    readonly CutIn?: Quantity;
    readonly CutOut?: Quantity;
    readonly CutInTolerance?: Quantity;
    readonly CutOutTolerance?: Quantity;
    readonly Transmittance?: number;
  };
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeDichroic extends OmeManufacturerSpec {
  readonly ID: string;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeFilterSet extends OmeManufacturerSpec, OmeLightPath {
  readonly ID: string;
}

export interface OmeExperimenter {
  readonly ID: string;
  readonly FirstName?: string;
  readonly MiddleName?: string;
  readonly LastName?: string;
  readonly Email?: string;
  readonly Institution?: string;
  readonly UserName?: string;
  readonly AnnotationRefs?: readonly string[];
}

export type NamingConvention = 'letter' | 'number';

export interface OmePlate {
  readonly ID: string;
  readonly Name?: string;
  readonly Status?: string;
  readonly ExternalIdentifier?: string;
  readonly RowNamingConvention?: NamingConvention;
  readonly ColumnNamingConvention?: NamingConvention;
  readonly Rows?: number;
  readonly Columns?: number;
  readonly WellOriginX?: Quantity;
  readonly WellOriginY?: Quantity;
  readonly FieldIndex?: number;
  readonly Description?: string;
  readonly Wells: readonly OmeWell[];
  readonly PlateAcquisitions?: readonly OmePlateAcquisition[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeWell {
  readonly ID: string;
  /** 0-based. */
  readonly Row: number;
  readonly Column: number;
  readonly ExternalDescription?: string;
  readonly ExternalIdentifier?: string;
  readonly Type?: string;
  readonly Color?: number;
  readonly WellSamples: readonly OmeWellSample[];
  readonly ReagentRef?: string;
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeWellSample {
  readonly ID: string;
  readonly Index: number;
  readonly PositionX?: Quantity;
  readonly PositionY?: Quantity;
  readonly Timepoint?: string;
  readonly ImageRef?: string;
}

export interface OmePlateAcquisition {
  readonly ID: string;
  readonly Name?: string;
  readonly StartTime?: string;
  readonly EndTime?: string;
  readonly MaximumFieldCount?: number;
  readonly Description?: string;
  readonly WellSampleRefs?: readonly string[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeRoi {
  readonly ID: string;
  readonly Name?: string;
  readonly Description?: string;
  /** Rectangle, Ellipse, Point, Line, Polyline, Polygon, Label, Mask with their attributes; coordinates in pixels of level 0. */
  readonly Shapes: readonly OmeElement[];
  readonly AnnotationRefs?: readonly string[];
}

export interface OmeAnnotation {
  /** XMLAnnotation, MapAnnotation, CommentAnnotation, TagAnnotation, FileAnnotation … */
  readonly Kind: string;
  readonly ID: string;
  readonly Namespace?: string;
  readonly Annotator?: string;
  readonly Description?: string;
  readonly AnnotationRefs?: readonly string[];
  /** Children of the annotation after Description and AnnotationRef: `Value` or `BinaryFile`. */
  readonly Content: readonly OmeElement[];
}

/** Signed RGBA integer of the schema from 0–255 components. */
export function omeColor(red: number, green: number, blue: number, alpha = 255): number {
  return (red << 24) | (green << 16) | (blue << 8) | alpha;
}
