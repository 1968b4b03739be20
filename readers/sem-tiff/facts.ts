/** What an electron microscope writes beside its picture. */
export interface SemFacts {
  /** Micrometres. */
  readonly pixelX?: number;
  readonly pixelY?: number;
  /** Seconds for one frame. */
  readonly frameTime?: number;
  readonly date?: string;
  readonly person?: string;
  readonly manufacturer: string;
  readonly model?: string;
  readonly serial?: string;
  /** Name of the detector that made the picture. */
  readonly detector?: string;
  /** Metres. */
  readonly workingDistance?: number;
  /** x, y, z in metres. */
  readonly stage: readonly (number | undefined)[];
  readonly entries: readonly (readonly [key: string, value: string])[];
}
