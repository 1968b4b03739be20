// Enumerations and units of the OME schema 2016-06 (ome.xsd version 2), exact and case-sensitive, and forgiving look-up for what vendors
// and older schemas write.

const list = (text: string): readonly string[] => Object.freeze(text.split(' '));

export const ENUMS = {
  DimensionOrder: list('XYZCT XYZTC XYCTZ XYCZT XYTCZ XYTZC'),
  PixelType: list('int8 int16 int32 uint8 uint16 uint32 float double complex double-complex bit'),
  IlluminationType: list('Transmitted Epifluorescence Oblique NonLinear Other'),
  AcquisitionMode: list(
    'WideField LaserScanningConfocalMicroscopy SpinningDiskConfocal SlitScanConfocal MultiPhotonMicroscopy ' +
      'StructuredIllumination SingleMoleculeImaging TotalInternalReflection FluorescenceLifetime SpectralImaging ' +
      'FluorescenceCorrelationSpectroscopy NearFieldScanningOpticalMicroscopy SecondHarmonicGenerationImaging ' +
      'PALM STORM STED TIRF FSM LCM Other BrightField SweptFieldConfocal SPIM',
  ),
  ContrastMethod: list(
    'Brightfield Phase DIC HoffmanModulation ObliqueIllumination PolarizedLight Darkfield Fluorescence Other',
  ),
  MicroscopeType: list('Upright Inverted Dissection Electrophysiology Other'),
  Immersion: list('Oil Water WaterDipping Air Multi Glycerol Other'),
  Medium: list('Air Oil Water Glycerol Other'),
  Correction: list(
    'UV PlanApo PlanFluor SuperFluor VioletCorrected Achro Achromat Fluor Fl Fluar Neofluar Fluotar Apo PlanNeofluar Other',
  ),
  DetectorType: list(
    'CCD IntensifiedCCD AnalogVideo PMT Photodiode Spectroscopy LifetimeImaging CorrelationSpectroscopy FTIR EMCCD APD CMOS EBCCD Other',
  ),
  Binning: list('1x1 2x2 4x4 8x8 Other'),
  LaserType: list('Excimer Gas MetalVapor SolidState Dye Semiconductor FreeElectron Other'),
  LaserMedium: list(
    'Cu Ag ArFl ArCl KrFl KrCl XeFl XeCl XeBr N Ar Kr Xe HeNe HeCd CO CO2 H2O HFl NdGlass NdYAG ErGlass ErYAG HoYLF HoYAG ' +
      'Ruby TiSapphire Alexandrite Rhodamine6G CoumarinC30 GaAs GaAlAs EMinus Other',
  ),
  Pulse: list('CW Single QSwitched Repetitive ModeLocked Other'),
  ArcType: list('Hg Xe HgXe Other'),
  FilamentType: list('Incandescent Halogen Other'),
  FilterType: list('Dichroic LongPass ShortPass BandPass MultiPass NeutralDensity Tuneable Other'),
  NamingConvention: list('letter number'),
  Marker: list('Arrow'),
  FontFamily: list('serif sans-serif cursive fantasy monospace'),
  FontStyle: list('Bold BoldItalic Italic Normal'),
  FillRule: list('EvenOdd NonZero'),
  Compression: list('zlib bzip2 none'),
  ExperimentType: list(
    'FP FRET TimeLapse FourDPlus Screen Immunocytochemistry Immunofluorescence FISH Electrophysiology IonImaging ' +
      'Colocalization PGIDocumentation FluorescenceLifetime SpectralImaging Photobleaching SPIM Other',
  ),
  MicrobeamType: list('FRAP FLIP InverseFRAP Photoablation Photoactivation Uncaging OpticalTrapping Other'),
} as const;

export type EnumName = keyof typeof ENUMS;

/** Spellings of older schemas and common vendor words, squeezed to lower-case letters and digits. */
const ALIASES: Partial<Record<EnumName, Readonly<Record<string, string>>>> = {
  AcquisitionMode: {
    laserscanningmicroscopy: 'LaserScanningConfocalMicroscopy',
    laserscanningconfocal: 'LaserScanningConfocalMicroscopy',
    laserscanningconfocalmicroscope: 'LaserScanningConfocalMicroscopy',
    spinningdiskconfocalmicroscopy: 'SpinningDiskConfocal',
    spinningdisk: 'SpinningDiskConfocal',
    multiphoton: 'MultiPhotonMicroscopy',
    fluorescencelifetimeimaging: 'FluorescenceLifetime',
    lightsheet: 'SPIM',
  },
  Immersion: { oi: 'Oil', wi: 'Water', w: 'Water', wasser: 'Water', gi: 'Glycerol', glycerin: 'Glycerol', dry: 'Air' },
  Medium: { glycerin: 'Glycerol', dry: 'Air' },
  Pulse: { continuouswave: 'CW' },
  DetectorType: { photomultiplier: 'PMT', intensifiedccdcamera: 'IntensifiedCCD', scmos: 'CMOS' },
};

const squeeze = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const tables = new Map<EnumName, ReadonlyMap<string, string>>();

/**
 * The schema's spelling of a value: exact, else regardless of case, spaces and hyphens, else by known aliases. Undefined where nothing
 * fits: callers decide between 'Other' and leaving the value out, and keep the raw text as original metadata.
 */
export function matchEnum(name: EnumName, text: string): string | undefined {
  const values: readonly string[] = ENUMS[name];
  if (values.includes(text)) return text;
  let table = tables.get(name);
  if (!table) {
    table = new Map([
      ...Object.entries(ALIASES[name] ?? {}),
      ...values.map((value) => [squeeze(value), value] as const),
    ]);
    tables.set(name, table);
  }
  return table.get(squeeze(text));
}

/** As `matchEnum`, with 'Other' for what nothing fits where the enumeration has it. */
export function enumOrOther(name: EnumName, text: string): string | undefined {
  const values: readonly string[] = ENUMS[name];
  return matchEnum(name, text) ?? (values.includes('Other') ? 'Other' : undefined);
}

const PREFIXES = list('Y Z E P T G M k h da');
const SMALL = list('d c m µ n p f a z y');
const prefixed = (unit: string): readonly string[] => [
  ...PREFIXES.map((p) => p + unit),
  unit,
  ...SMALL.map((p) => p + unit),
];

/** Symbols of each kind of unit. 'µ' is U+00B5, 'Å' U+00C5, '°' U+00B0. */
export const UNITS = {
  length: [
    ...prefixed('m'),
    'Å',
    'thou',
    'li',
    'in',
    'ft',
    'yd',
    'mi',
    'ua',
    'ly',
    'pc',
    'pt',
    'pixel',
    'reference frame',
  ],
  time: [...prefixed('s'), 'min', 'h', 'd'],
  pressure: [...prefixed('Pa'), 'bar', 'Mbar', 'kbar', 'dbar', 'cbar', 'mbar', 'atm', 'psi', 'Torr', 'mTorr', 'mm Hg'],
  temperature: ['°C', '°F', 'K', '°R'],
  voltage: prefixed('V'),
  power: prefixed('W'),
  frequency: prefixed('Hz'),
} as const;

export type UnitKind = keyof typeof UNITS;

const WORDS: Readonly<Record<string, string>> = {
  um: 'µm',
  micron: 'µm',
  microns: 'µm',
  micrometer: 'µm',
  micrometre: 'µm',
  nanometer: 'nm',
  nanometre: 'nm',
  millimeter: 'mm',
  millimetre: 'mm',
  angstrom: 'Å',
  inch: 'in',
  us: 'µs',
  sec: 's',
  second: 's',
  seconds: 's',
  millisecond: 'ms',
  hour: 'h',
  day: 'd',
  px: 'pixel',
  pixels: 'pixel',
  C: '°C',
};

const found = new Map<string, string>();

/** The schema's symbol for a unit as found (Greek mu, Angstrom sign, 'um', 'micron', …); undefined where none fits. */
export function matchUnit(kind: UnitKind, text: string): string | undefined {
  const key = `${kind} ${text}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const symbol = findUnit(UNITS[kind], text.trim().replaceAll('\u03bc', 'µ').replaceAll('\u212b', 'Å'));
  if (symbol !== undefined && found.size < 10_000) found.set(key, symbol);
  return symbol;
}

/** Always the table's own string, so that a million quantities share it. */
function findUnit(symbols: readonly string[], text: string): string | undefined {
  const find = (word: string | undefined): string | undefined => symbols.find((symbol) => symbol === word);
  return find(text) ?? find(WORDS[text] ?? WORDS[text.toLowerCase()]);
}
