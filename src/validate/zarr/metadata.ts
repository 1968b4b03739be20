// What array metadata must say and readers forgive: keys, codecs, names of dimensions. The rest is found by parsing it.
// Zarr v2, "Metadata" · Zarr core v3, "Array metadata".

import { asList, asObject, asText, isObject, type Json, type JsonObject } from '../../containers/zarr/json.js';
import type { ZarrNode } from '../../containers/zarr/node.js';
import { ImgconvError } from '../../core/errors.js';
import type { Report } from '../report.js';

const KEYS_V2 = ['shape', 'chunks', 'dtype', 'compressor', 'fill_value', 'order', 'filters'];
const KEYS_V3 = ['shape', 'data_type', 'chunk_grid', 'chunk_key_encoding', 'fill_value', 'codecs'];

/** Codecs that are registered, but that hold no pixels or are rarely known. */
const RARE = new Set(
  `packbits pcodec zfpy zfp vlen-utf8 vlen-bytes vlen-array json2 msgpack2 msgpack pickle categorize base64 delta fixedscaleoffset quantize
  bitround astype fletcher32 crc32 adler32 jenkins_lookup3 lzma bz2 lz4 zlib shuffle n5_wrapper reshape squeeze gdeflate optional cast_value
  scale_offset zfp gzip szip bitinformation imagecodecs_jpeg imagecodecs_jpeg2k imagecodecs_jpegxl imagecodecs_webp imagecodecs_png jpegxl
  jpeg jpeg2k avif`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
const COMMON = new Set(['bytes', 'endian', 'blosc', 'zstd', 'gzip', 'zlib', 'transpose', 'sharding_indexed', 'crc32c']);

/** Names of all codecs of an array, those inside shards included. */
export function codecNames(metadata: JsonObject): readonly string[] {
  const names: string[] = [];
  const visit = (codec: Json): void => {
    const options = asObject(codec);
    const id = asText(codec) ?? asText(options.name) ?? asText(options.id);
    if (id !== undefined) names.push(id.replace(/^numcodecs\./, '').replace(/^https:\/\/codec\.zarrs\.dev\/.*\//, ''));
    const inner = asObject(options.configuration);
    for (const each of [...asList(inner.codecs), ...asList(inner.index_codecs)]) visit(each);
  };
  const { codecs, filters, compressor } = metadata;
  for (const each of [...asList(codecs), ...asList(filters)]) visit(each);
  if (compressor !== null && compressor !== undefined) visit(compressor);
  return names;
}

/** An error of the parser: a codec that exists but is not read here is no breach. */
export function reportArrayError(error: unknown, node: ZarrNode, report: Report): void {
  if (error instanceof ImgconvError && error.code === 'ZARR_CODEC' && error.blame === 'unsupported') {
    const unknown = codecNames(node.metadata).filter((name) => !RARE.has(name) && !COMMON.has(name));
    if (unknown.length > 0) report.add('ZARR_CODEC', node.path, `unknown codec ${JSON.stringify(unknown[0])}`);
    else report.add('ZARR_CODEC_RARE', node.path, error.message);
    return;
  }
  report.fault(error, node.path, 'ZARR_KEYS');
}

export function checkArrayMetadata(node: ZarrNode, report: Report): void {
  const { metadata, path, version } = node;
  const missing = (version === 2 ? KEYS_V2 : KEYS_V3).filter((key) => metadata[key] === undefined);
  if (missing.length > 0) report.add('ZARR_KEYS', path, `${missing.join(', ')} missing`);
  if (version === 2) return;
  if (metadata.fill_value === null) report.add('ZARR_FILL_VALUE', path, 'fill_value is null', 'warning');
  const rank = asList(metadata.shape).length;
  const names = metadata.dimension_names;
  if (names !== undefined && names !== null) {
    const good = Array.isArray(names) && names.every((name) => name === null || typeof name === 'string');
    if (!good || asList(names).length !== rank)
      report.add('ZARR_DIMENSION_NAMES', path, `dimension_names is no list of ${rank} strings`);
  }
  checkCodecs(asList(metadata.codecs), elementBytes(asText(metadata.data_type)), path, report);
}

function elementBytes(type: string | undefined): number | undefined {
  const bits = /^(?:u?int|float|complex)(\d+)$/.exec(type ?? '')?.[1];
  return type === 'bool' ? 1 : bits === undefined ? undefined : Number(bits) / 8;
}

function checkCodecs(codecs: readonly Json[], bytes: number | undefined, path: string, report: Report): void {
  for (const codec of codecs) {
    const name = asText(codec) ?? asText(asObject(codec).name);
    const options = asObject(asObject(codec).configuration);
    if (name === 'bytes' && bytes !== undefined && bytes > 1 && options.endian === undefined) {
      report.add('ZARR_CODEC', path, `the bytes codec says no endian for elements of ${bytes} bytes`);
    } else if (name === 'blosc' && isObject(codec)) {
      checkBlosc(options, path, report);
    } else if (name === 'sharding_indexed') {
      for (const key of ['chunk_shape', 'codecs', 'index_codecs']) {
        if (options[key] === undefined) report.add('ZARR_CODEC', path, `sharding_indexed without ${key}`);
      }
      checkCodecs(asList(options.codecs), bytes, path, report);
    }
  }
}

const BLOSC = new Set(['lz4', 'lz4hc', 'blosclz', 'zstd', 'snappy', 'zlib']);
const SHUFFLES = new Set(['noshuffle', 'shuffle', 'bitshuffle']);

function checkBlosc(options: JsonObject, path: string, report: Report): void {
  const { cname, shuffle, typesize } = options;
  if (cname !== undefined && !BLOSC.has(String(cname)))
    report.add('ZARR_CODEC', path, `blosc with unknown compressor ${JSON.stringify(cname)}`);
  if (shuffle !== undefined && !SHUFFLES.has(String(shuffle)))
    report.add('ZARR_CODEC', path, `blosc with unknown shuffle ${JSON.stringify(shuffle)}`);
  if (typesize === undefined && shuffle !== 'noshuffle')
    report.add('ZARR_CODEC', path, 'blosc shuffles, but says no typesize', 'warning');
}
