import { describe, expect, it } from 'vitest';
import { makeEquipment } from '../../src/containers/leica/instrument.js';
import { readSettings } from '../../src/containers/leica/settings.js';
import { descendants } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';

function equipmentOf(records: string, channels: number) {
  const list = '<ChannelDescription/>'.repeat(channels);
  const root = parseXml(
    `<Image><Channels>${list}</Channels><Attachment Name="HardwareSettingList">${records}</Attachment></Image>`,
  );
  return makeEquipment(readSettings(root, [...descendants(root, 'ChannelDescription')]), 0);
}

const filter = (
  object: string,
  kind: string,
  attribute: string,
  data: string | number,
  value: string | number,
): string =>
  `<FilterSettingRecord ObjectName="${object}" ClassName="${kind}" Attribute="${attribute}" Data="${data}" Variant="${value}"/>`;
const scanner = (id: string, value: string | number): string =>
  `<ScannerSettingRecord Identifier="${id}" Variant="${value}"/>`;

describe('leica: records of older files', () => {
  const confocal = [
    scanner('SystemType', 'TCS SP5'),
    scanner('dblPinhole', 9.55e-5),
    scanner('dblZoom', 2.5),
    filter('DMI6000 Turret', 'CTurret', 'Objective', 0, 'HCX PL APO lambda blue  63.0x1.40 OIL  UV'),
    filter('DMI6000 Turret', 'CTurret', 'OrderNumber', 0, '506192'),
    filter('DMI6000 Turret', 'CTurret', 'NumericalAperture', 0, 1.4),
    filter('DMI6000 Turret', 'CTurret', 'RefractionIndex', 0, 1.518),
    filter('PMT 1', 'CDetectionUnit', 'State', 1, 'Inactive'),
    filter('PMT 2', 'CDetectionUnit', 'State', 2, 'Active'),
    filter('PMT 2', 'CDetectionUnit', 'VideoOffset', 2, -3.1),
    filter('PMT 2', 'CDetectionUnit', 'HighVoltage', 2, 851.9),
    filter('PMT 2', 'CDetectionUnit', 'HighVoltageUnit', 2, 'V'),
    filter('HyD 3', 'CDetectionUnit', 'State', 3, 'Active'),
    filter('HyD 3', 'CDetectionUnit', 'HighVoltage', 3, 100),
    filter('HyD 3', 'CDetectionUnit', 'HighVoltageUnit', 3, '%'),
    filter('SP Mirror Channel 1', 'CSpectrophotometerUnit', 'Stain', 0, 'DAPI'),
    filter('SP Mirror Channel 2', 'CSpectrophotometerUnit', 'Wavelength', 0, 500),
    filter('SP Mirror Channel 2', 'CSpectrophotometerUnit', 'Wavelength', 1, 560),
    filter('SP Mirror Channel 2', 'CSpectrophotometerUnit', 'Stain', 0, 'EGFP'),
    filter('SP Mirror Channel 3', 'CSpectrophotometerUnit', 'Stain', 0, 'None'),
    filter('Visible AOTF', 'CAotf', 'Intensity', 488, 12.5),
    filter('Visible AOTF', 'CAotf', 'Intensity', 561, 0),
    filter('Visible AOTF Low', 'CAotf', 'Intensity', 514, 10),
  ].join('');

  it('give objective, detectors, bands and lines', () => {
    const { instrument, objectiveSettings, channels } = equipmentOf(confocal, 2);
    expect(instrument).toEqual({
      ID: 'Instrument:0',
      Microscope: { Manufacturer: 'Leica', Model: 'TCS SP5' },
      LightSources: [
        { Kind: 'Laser', ID: 'LightSource:0:0', Model: 'Visible AOTF', Wavelength: { value: 488, unit: 'nm' } },
      ],
      Detectors: [
        { ID: 'Detector:0:0', Model: 'PMT 2', Type: 'PMT' },
        { ID: 'Detector:0:1', Model: 'HyD 3', Type: 'Other' },
      ],
      Objectives: [
        {
          ID: 'Objective:0:0',
          Model: 'HCX PL APO lambda blue 63.0x1.40 OIL UV',
          SerialNumber: '506192',
          NominalMagnification: 63,
          LensNA: 1.4,
          Immersion: 'Oil',
          Correction: 'PlanApo',
        },
      ],
      Filters: [
        {
          ID: 'Filter:0:0',
          Model: 'SP Mirror Channel 2',
          Type: 'BandPass',
          TransmittanceRange: { CutIn: { value: 500, unit: 'nm' }, CutOut: { value: 560, unit: 'nm' } },
        },
      ],
    });
    expect(objectiveSettings).toEqual({ ID: 'Objective:0:0', RefractiveIndex: 1.518 });
    const [first, second] = channels;
    expect(first).toMatchObject({
      Name: 'EGFP',
      AcquisitionMode: 'LaserScanningConfocalMicroscopy',
      ExcitationWavelength: { value: 488, unit: 'nm' },
      DetectorSettings: { ID: 'Detector:0:0', Offset: -3.1, Voltage: { value: 851.9, unit: 'V' }, Zoom: 2.5 },
      LightPath: { EmissionFilterRefs: ['Filter:0:0'] },
    });
    expect(first!.PinholeSize!.value).toBeCloseTo(95.5, 9);
    expect(second!.Name).toBeUndefined();
    expect(second!.DetectorSettings).toEqual({ ID: 'Detector:0:1', Gain: 100, Zoom: 2.5 });
  });

  it('say nothing of channels where the active detectors are not as many', () => {
    expect(equipmentOf(confocal, 3).channels.every(({ DetectorSettings }) => !DetectorSettings)).toBe(true);
  });

  it('give exposure, excitation and names of cameras', () => {
    const camera = [
      scanner('CameraName', 'DFC350FX'),
      scanner('dWFC0ExposureTime', 0.05),
      scanner('dWFC1ExposureTime', 0.2),
      scanner('dWFC1Gain', 4),
      scanner('nWFC1WaveLength', 470),
      scanner('csWFC0UesrDefName', 'None'),
      scanner('csWFC1UserDefName', 'FITC'),
    ].join('');
    const { instrument, channels } = equipmentOf(camera, 2);
    expect(instrument!.Detectors).toEqual([{ ID: 'Detector:0:0', Model: 'DFC350FX', Type: 'CCD' }]);
    expect(channels[1]).toMatchObject({
      Name: 'FITC',
      ExcitationWavelength: { value: 470, unit: 'nm' },
      DetectorSettings: { ID: 'Detector:0:0', Gain: 4 },
    });
    expect(channels[0]!.Name).toBeUndefined();
  });
});
