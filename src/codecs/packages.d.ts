// Packages that bring no types of their own: what is used of them.
// biome-ignore-all lint/style/noDefaultExport: these packages have one

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  export interface Htj2kFrame {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned: boolean;
  }
  export interface OpenJph {
    readonly HEAPU8: Uint8Array;
    readonly HTJ2KDecoder: new () => {
      getEncodedBuffer(bytes: number): Uint8Array;
      getDecodedBuffer(): Uint8Array;
      getFrameInfo(): Htj2kFrame;
      decode(): void;
      delete(): void;
    };
  }
  const create: (options: object) => Promise<OpenJph>;

  export { create as default };
}

declare module 'jpegxr' {
  export interface JpegXrImage {
    readonly width: number;
    readonly height: number;
    readonly pixelInfo: {
      readonly channels: number;
      /** 'RGB', 'Gray', 'YUV444' … */
      readonly colorFormat: string;
      /** '1', '8', '16', '16Signed', '16Float', '32Float', '5', '10' … */
      readonly bitDepth: string;
      readonly bitsPerPixel: number;
      readonly hasAlpha: boolean;
      readonly bgr: boolean;
    };
    readonly bytes: Uint8Array;
  }
  export interface JpegXr {
    readonly HEAPU8?: Uint8Array;
    decode(bytes: Uint8Array): JpegXrImage;
  }
  const create: (options?: object) => Promise<JpegXr>;

  export { create as default };
}

declare module '@jsquash/webp/codec/dec/webp_dec.js' {
  export interface WebpDecoder {
    readonly HEAPU8?: Uint8Array;
    /** RGBA, or null for a broken stream. */
    decode(
      bytes: Uint8Array,
    ): { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number } | null;
  }
  const create: (options: object) => Promise<WebpDecoder>;

  export { create as default };
}
