// Fields of one FEI1/FEI2 extended header block in stored order (Thermo Fisher, MRC2014 specification). Version 0 ends after 'Alpha tilt max'.

type FieldType = 'i4' | 'f8' | 'i8' | 'bool' | number;

/** Name and type; a number is the length of a text. */
// biome-ignore format: a table
export const FEI_FIELDS: readonly (readonly [name: string, type: FieldType])[] = [
  ['Metadata size', 'i4'], ['Metadata version', 'i4'], ['Bitmask 1', 'i4'], ['Timestamp', 'f8'],
  ['Microscope type', 16], ['D-Number', 16], ['Application', 16], ['Application version', 16], ['HT', 'f8'],
  ['Dose', 'f8'], ['Alpha tilt', 'f8'], ['Beta tilt', 'f8'], ['X-Stage', 'f8'], ['Y-Stage', 'f8'], ['Z-Stage', 'f8'],
  ['Tilt axis angle', 'f8'], ['Dual axis rotation', 'f8'], ['Pixel size X', 'f8'], ['Pixel size Y', 'f8'],
  ['Unused range', 48], ['Defocus', 'f8'], ['STEM Defocus', 'f8'], ['Applied defocus', 'f8'],
  ['Instrument mode', 'i4'], ['Projection mode', 'i4'], ['Objective lens mode', 16], ['High magnification mode', 16],
  ['Probe mode', 'i4'], ['EFTEM On', 'bool'], ['Magnification', 'f8'], ['Bitmask 2', 'i4'], ['Camera length', 'f8'],
  ['Spot index', 'i4'], ['Illuminated area', 'f8'], ['Intensity', 'f8'], ['Convergence angle', 'f8'],
  ['Illumination mode', 16], ['Wide convergence angle range', 'bool'], ['Slit inserted', 'bool'], ['Slit width', 'f8'],
  ['Acceleration voltage offset', 'f8'], ['Drift tube voltage', 'f8'], ['Energy shift', 'f8'],
  ['Shift offset X', 'f8'], ['Shift offset Y', 'f8'], ['Shift X', 'f8'], ['Shift Y', 'f8'], ['Integration time', 'f8'],
  ['Binning Width', 'i4'], ['Binning Height', 'i4'], ['Camera name', 16], ['Readout area left', 'i4'],
  ['Readout area top', 'i4'], ['Readout area right', 'i4'], ['Readout area bottom', 'i4'],
  ['Ceta noise reduction', 'bool'], ['Ceta frames summed', 'i4'], ['Direct detector electron counting', 'bool'],
  ['Direct detector align frames', 'bool'], ['Camera param reserved 0', 'i4'], ['Camera param reserved 1', 'i4'],
  ['Camera param reserved 2', 'i4'], ['Camera param reserved 3', 'i4'], ['Bitmask 3', 'i4'],
  ['Camera param reserved 4', 'i4'], ['Camera param reserved 5', 'i4'], ['Camera param reserved 6', 'i4'],
  ['Camera param reserved 7', 'i4'], ['Camera param reserved 8', 'i4'], ['Camera param reserved 9', 'i4'],
  ['Phase Plate', 'bool'], ['STEM Detector name', 16], ['Gain', 'f8'], ['Offset', 'f8'],
  ['STEM param reserved 0', 'i4'], ['STEM param reserved 1', 'i4'], ['STEM param reserved 2', 'i4'],
  ['STEM param reserved 3', 'i4'], ['STEM param reserved 4', 'i4'], ['Dwell time', 'f8'], ['Frame time', 'f8'],
  ['Scan size left', 'i4'], ['Scan size top', 'i4'], ['Scan size right', 'i4'], ['Scan size bottom', 'i4'],
  ['Full scan FOV X', 'f8'], ['Full scan FOV Y', 'f8'], ['Element', 16], ['Energy interval lower', 'f8'],
  ['Energy interval higher', 'f8'], ['Method', 'i4'], ['Is dose fraction', 'bool'], ['Fraction number', 'i4'],
  ['Start frame', 'i4'], ['End frame', 'i4'], ['Input stack filename', 80], ['Bitmask 4', 'i4'],
  ['Alpha tilt min', 'f8'], ['Alpha tilt max', 'f8'], ['Scan rotation', 'f8'], ['Diffraction pattern rotation', 'f8'],
  ['Image rotation', 'f8'], ['Scan mode enumeration', 'i4'], ['Acquisition time stamp', 'i8'],
  ['Detector commercial name', 16], ['Start tilt angle', 'f8'], ['End tilt angle', 'f8'], ['Tilt per image', 'f8'],
  ['Tilt speed', 'f8'], ['Beam center X pixel', 'i4'], ['Beam center Y pixel', 'i4'], ['CFEG flash timestamp', 'i8'],
  ['Phase plate position index', 'i4'], ['Objective aperture name', 16],
];
