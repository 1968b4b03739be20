// Settings of ScanImage: `name=value` lines in the description (versions 3 to 5) or in the Software tag (from 2016 on; the description then has
// what belongs to the frame). Values are MATLAB literals.

export type Settings = ReadonlyMap<string, string>;

/** Lines end in CR, LF or both; `scanimage.` in front of names is left out. */
export function parseSettings(...texts: (string | undefined)[]): Settings {
  const values = new Map<string, string>();
  for (const text of texts) {
    for (const line of (text ?? '').split(/\r\n|\r|\n/)) {
      const match = /^\s*([A-Za-z]\w*(?:\.\w+)*)\s*=\s*(.*?)\s*$/.exec(line);
      if (!match) continue;
      const name = match[1]!.replace(/^scanimage\./, '');
      if (!values.has(name)) values.set(name, match[2]!);
    }
  }
  return values;
}

/** A number or the first of a list; 'true' is 1. */
export function numberOf(settings: Settings, ...names: string[]): number | undefined {
  for (const name of names) {
    const text = settings
      .get(name)
      ?.replace(/[[\]{}']/g, ' ')
      .trim()
      .split(/[\s,;]+/)[0];
    if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0;
    const value = text ? Number(text) : Number.NaN;
    if (Number.isFinite(value)) return value;
  }
  return undefined;
}

/** Numbers of a list such as `[1;2]`. */
export function listOf(settings: Settings, name: string): number[] {
  const text = settings.get(name);
  if (text === undefined) return [];
  return (text.match(/[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi) ?? []).map(Number);
}

/** Numbers of the channels that were saved, from 1. */
export function savedChannels(settings: Settings): number[] {
  for (const name of ['SI.hChannels.channelSave', 'SI.channelsSave', 'SI4.channelsSave', 'SI5.channelsSave']) {
    const list = listOf(settings, name);
    if (list.length > 0) return list;
  }
  const found: number[] = [];
  for (let channel = 1; channel <= 8; channel++) {
    if (numberOf(settings, `state.acq.savingChannel${channel}`) === 1) found.push(channel);
  }
  return found;
}

export interface Layout {
  readonly c: number;
  readonly z: number;
  readonly t: number;
  /** Frames of a slice follow each other (slow stacks); otherwise slices do (volumes). */
  readonly framesFirst: boolean;
}

/** How pages are arranged; where the settings do not fit their number, frames are time points. */
export function layoutOf(settings: Settings, pages: number): Layout {
  const saved = Math.max(1, savedChannels(settings).length);
  const c = pages % saved === 0 ? saved : 1;
  const frames = pages / c;
  const count = (...names: string[]): number => {
    const value = numberOf(settings, ...names);
    return value !== undefined && Number.isInteger(value) && value > 0 ? value : 1;
  };
  const slices = count(
    'SI.hStackManager.actualNumSlices',
    'SI.hStackManager.numSlices',
    'SI.hFastZ.numFramesPerVolume',
    'state.acq.numberOfZSlices',
  );
  if (slices === 1 || frames % slices !== 0) return { c, z: 1, t: frames, framesFirst: false };
  const volumes =
    numberOf(settings, 'SI.hFastZ.enable') === 1 || /fast/i.test(settings.get('SI.hStackManager.stackMode') ?? '');
  return { c, z: slices, t: frames / slices, framesFirst: !volumes };
}

/** Frames a second. */
export function rateOf(settings: Settings): number | undefined {
  const rate = numberOf(
    settings,
    'SI.hRoiManager.scanFrameRate',
    'SI.hRoiManager.scanVolumeRate',
    'SI4.scanFrameRate',
    'state.acq.frameRate',
  );
  return rate !== undefined && rate > 0 ? rate : undefined;
}

/** `[2016  5 12 10 22 31.5]` or `'5/12/2016 10:22:31.500'` as xsd:dateTime to the second. */
export function dateOf(settings: Settings): string | undefined {
  const epoch = listOf(settings, 'epoch');
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const checked = (iso: string): string | undefined => {
    const date = new Date(`${iso}Z`);
    return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined;
  };
  if (epoch.length === 6 && epoch[0]! > 1990) {
    return checked(
      `${epoch[0]}-${two(epoch[1]!)}-${two(epoch[2]!)}T${two(epoch[3]!)}:${two(epoch[4]!)}:${two(epoch[5]!)}`,
    );
  }
  const text = settings.get('state.internal.triggerTimeString')?.replaceAll("'", '');
  const m = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})/.exec(text ?? '');
  return m
    ? checked(`${m[3]}-${two(Number(m[1]))}-${two(Number(m[2]))}T${two(Number(m[4]))}:${m[5]}:${m[6]}`)
    : undefined;
}
