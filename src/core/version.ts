// The version of package.json, put in by the build (and by the test set-up).

declare const __IMGCONV_VERSION__: string | undefined;

export const VERSION: string = typeof __IMGCONV_VERSION__ === 'string' ? __IMGCONV_VERSION__ : '0.0.0';
