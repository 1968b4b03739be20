// TiffData to planes, each exactly once. OME-TIFF specification, "TiffData": IFD and First… default to 0, PlaneCount to all directories
// without IFD, to 1 with it.

import type { PixelStorage } from '../../containers/ome-xml/document.js';
import type { OmePixels } from '../../core/ome.js';
import type { Report } from '../report.js';
import type { Member, Members } from './members.js';

export interface PlaneSizes {
  readonly t: number;
  /** Directories, not samples. */
  readonly c: number;
  readonly z: number;
}

export interface Plane {
  readonly member: Member;
  readonly ifd: number;
}

const TOLD = 5;

/** Places of all planes in the order t, c, z (z fastest). `used`: directories that planes of earlier images took. */
export async function coverPlanes(
  pixels: Pick<OmePixels, 'DimensionOrder'>,
  storage: PixelStorage,
  sizes: PlaneSizes,
  members: Members,
  used: Map<string, Set<number>>,
  where: string,
  report: Report,
): Promise<readonly (Plane | undefined)[]> {
  const total = sizes.t * sizes.c * sizes.z;
  const places = new Array<Plane | undefined>(total);
  const count = { z: sizes.z, c: sizes.c, t: sizes.t };
  const axes = [...pixels.DimensionOrder.slice(2).toLowerCase()] as ('z' | 'c' | 't')[];
  const twice = new Set<number>();
  const own = new Map<string, Set<number>>();
  let lost = 0;
  for (const [b, block] of storage.tiffData.entries()) {
    const place = `${where}/TiffData[${b}]`;
    const first = { z: block.firstZ ?? 0, c: block.firstC ?? 0, t: block.firstT ?? 0 };
    const outside = axes.find((axis) => first[axis] >= count[axis]);
    if (outside) {
      report.add(
        'OMETIFF_COVERAGE',
        place,
        `First${outside.toUpperCase()} is ${first[outside]}, there are ${count[outside]}`,
      );
      continue;
    }
    const member = await members.find(block);
    let start = 0;
    let stride = 1;
    for (const axis of axes) {
      start += first[axis] * stride;
      stride *= count[axis];
    }
    const available = member?.file.ifds.length ?? 0;
    const open = block.planeCount === undefined && block.ifd === undefined;
    const wanted = block.planeCount ?? (open ? (member ? Math.min(available, total - start) : total - start) : 1);
    if (start + wanted > total)
      report.add(
        'OMETIFF_COVERAGE',
        place,
        `PlaneCount is ${wanted}, only ${total - start} planes are left from there`,
      );
    for (let k = 0; k < Math.min(wanted, total - start); k++) {
      const index = planeNumber(start + k, axes, sizes);
      if (!member) {
        lost++;
        continue;
      }
      const ifd = (block.ifd ?? 0) + k;
      if (ifd >= available) {
        const name = member.name === '' ? 'the file' : member.name;
        report.add('OMETIFF_IFD', place, `directory ${ifd} is wanted, ${name} has ${available}`);
        lost += Math.min(wanted, total - start) - k;
        break;
      }
      if (places[index]) twice.add(index);
      places[index] = { member, ifd };
      const taken = used.get(member.name) ?? new Set<number>();
      used.set(member.name, taken);
      const mine = own.get(member.name) ?? new Set<number>();
      own.set(member.name, mine);
      // Images may share a plane: some official examples do.
      if (taken.has(ifd) && !twice.has(index)) {
        const text = `directory ${ifd} of ${member.name === '' ? 'the file' : member.name} is used twice`;
        report.add('OMETIFF_OVERLAP', place, text, mine.has(ifd) ? undefined : 'warning');
      }
      mine.add(ifd);
      taken.add(ifd);
    }
  }
  if (twice.size > 0)
    report.add('OMETIFF_OVERLAP', where, `${twice.size} planes are given twice: ${tell([...twice], sizes)}`);
  const missing = Array.from({ length: total }, (_, i) => i).filter((i) => !places[i]);
  // Planes of files that are missing are told with them.
  if (missing.length > lost)
    report.add(
      'OMETIFF_COVERAGE',
      where,
      `${missing.length} of ${total} planes have no directory: ${tell(missing, sizes)}`,
    );
  return places;
}

/** Index with z fastest of the n-th plane in file order. */
function planeNumber(n: number, axes: readonly ('z' | 'c' | 't')[], sizes: PlaneSizes): number {
  const position = { z: 0, c: 0, t: 0 };
  let rest = n;
  for (const axis of axes) {
    position[axis] = rest % sizes[axis];
    rest = Math.floor(rest / sizes[axis]);
  }
  return (position.t * sizes.c + position.c) * sizes.z + position.z;
}

function tell(planes: readonly number[], { c, z }: PlaneSizes): string {
  const names = planes.slice(0, TOLD).map((i) => `z ${i % z} c ${Math.floor(i / z) % c} t ${Math.floor(i / (z * c))}`);
  return names.join(', ') + (planes.length > TOLD ? ' …' : '');
}
