import { describe, expect, it } from 'vitest';
import {
  child,
  children,
  descendants,
  numberAt,
  path,
  paths,
  textAt,
  unescapeXml,
} from '../../src/containers/xml/element.js';
import { escapeAttribute, escapeText } from '../../src/containers/xml/escape.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import { checkWellFormed } from '../../src/containers/xml/wellformed.js';
import { ImgconvError } from '../../src/core/errors.js';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ImgconvError) return error.code;
    throw error;
  }
  return 'none';
}

describe('parseXml', () => {
  it('gives names, attributes, text and order', () => {
    const root = parseXml('<?xml version="1.0"?>\n<!-- c --><a x="1" y=\'two > one\'><b>t1</b><c/><b>t&lt;2</b></a>\n');
    expect(root.name).toBe('a');
    expect({ ...root.attributes }).toEqual({ x: '1', y: 'two > one' });
    expect(root.children.map((e) => e.name)).toEqual(['b', 'c', 'b']);
    expect(children(root, 'b').map((e) => e.text)).toEqual(['t1', 't<2']);
    expect(child(root, 'c')?.text).toBe('');
    expect(root.raw).toContain('<c/>');
    expect(child(root, 'c')?.startTag).toBe('<c/>');
  });

  it('strips prefixes and resolves namespaces per scope', () => {
    const root = parseXml(
      '<o:OME xmlns:o="urn:o" xmlns="urn:d"><Image xmlns="urn:i" o:Name="n"/><o:ROI/><Other/></o:OME>',
    );
    expect([root.name, root.namespace]).toEqual(['OME', 'urn:o']);
    expect(root.children.map((e) => e.namespace)).toEqual(['urn:i', 'urn:o', 'urn:d']);
    expect({ ...root.children[0]!.attributes }).toEqual({ Name: 'n' });
  });

  it('resolves CDATA, comments, references and line ends in text', () => {
    const root = parseXml('<a> x<!-- no --><![CDATA[<&>]]>&#181;&#x1F52C;&amp;\r\n<b/>tail</a>');
    expect(root.text).toBe(' x<&>µ🔬&\ntail');
    expect(root.nodes.map((n) => (typeof n === 'string' ? n : n.name))).toEqual([' x<&>µ🔬&\n', 'b', 'tail']);
    expect(parseXml('<a> <b>  </b> </a>').text).toBe('');
    expect(parseXml('<a> <b>  </b> </a>').children[0]!.text).toBe('  ');
  });

  it('normalises white space in attributes only where it is written as such', () => {
    expect(parseXml('<a v="1\n2&#10;3"/>').attribute('v')).toBe('1 2\n3');
  });

  it('walks paths', () => {
    const root = parseXml('<r><a/><a><b><c>7</c></b></a><a><b><c> 8 </c></b></a></r>');
    expect(path(root, 'a/b/c')?.text).toBe('7');
    expect(paths(root, 'a/*/c')).toHaveLength(2);
    expect(textAt(root, 'a/b/c')).toBe('7');
    expect(numberAt(root, 'a/b')).toBeUndefined();
    expect([...descendants(root, 'c')].map((e) => e.text.trim())).toEqual(['7', '8']);
  });

  it.each([
    ['UTF-8', Buffer.from('<a v="µ">Ångström</a>', 'utf8')],
    ['UTF-8 with mark', Buffer.from('\ufeff<a v="µ">Ångström</a>', 'utf8')],
    [
      'UTF-16LE with mark',
      Buffer.from('\ufeff<?xml version="1.0" encoding="utf-16"?><a v="µ">Ångström</a>', 'utf16le'),
    ],
    ['UTF-16BE without mark', Buffer.from('<a v="µ">Ångström</a>', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a v="µ">Ångström</a>', 'latin1')],
    ['Windows-1252', Buffer.from("<?xml version='1.0' encoding='windows-1252'?><a v='µ'>Ångström</a>", 'latin1')],
    [
      'Latin-1 that calls itself UTF-8',
      Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a v="µ">Ångström</a>', 'latin1'),
    ],
    ['terminated by NUL', Buffer.from('<a v="µ">Ångström</a>\0\0', 'utf8')],
  ])('reads %s', (_, bytes) => {
    const root = parseXml(bytes);
    expect([root.attribute('v'), root.text]).toEqual(['µ', 'Ångström']);
  });

  it.each([
    ['<a><b></a>', 'XML_MISMATCH'],
    ['<a><b>', 'XML_UNCLOSED'],
    ['<a', 'XML_UNCLOSED'],
    ['<a x="1></a>', 'XML_UNCLOSED'],
    ['<a/><b/>', 'XML_ROOTS'],
    ['<a/>x', 'XML_OUTSIDE'],
    ['plain', 'XML_OUTSIDE'],
    ['', 'XML_EMPTY'],
    ['<a>< b/></a>', 'XML_MARKUP'],
    ['<!-- <a/>', 'XML_UNCLOSED'],
    ['</a>', 'XML_MISMATCH'],
  ])('refuses %j', (text, code) => {
    expect(codeOf(() => parseXml(text))).toBe(code);
  });

  it('forgives vendors in lenient mode', () => {
    expect(parseXml('garbage <a><b><c>1</b></a> trailing', { lenient: true }).children[0]!.children[0]!.text).toBe('1');
    expect(parseXml('<a x=1 y><b>', { lenient: true }).attribute('x')).toBe('1');
    expect(parseXml('<a>R&D < 5</a>', { lenient: true }).text).toBe('R&D < 5');
    expect(parseXml('<a/>\u0001junk<', { lenient: true }).name).toBe('a');
  });

  it('expands nothing: entity declarations are refused, other document types skipped', () => {
    const bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>';
    expect(codeOf(() => parseXml(bomb))).toBe('XML_ENTITIES');
    expect(codeOf(() => parseXml(bomb, { lenient: true }))).toBe('XML_ENTITIES');
    expect(parseXml('<!DOCTYPE a SYSTEM "x.dtd"><a/>').name).toBe('a');
    expect(parseXml('<!DOCTYPE a [<!ELEMENT a ANY>]><a>&unknown;</a>').text).toBe('&unknown;');
  });

  it('bounds size, depth and count', () => {
    expect(codeOf(() => parseXml('<a/>', { maxBytes: 3 }))).toBe('METADATA_SIZE');
    expect(codeOf(() => parseXml('<a>'.repeat(300)))).toBe('XML_DEPTH');
    expect(codeOf(() => parseXml(`<a>${'<b/>'.repeat(10)}</a>`, { maxElements: 10 }))).toBe('XML_ELEMENTS');
  });
});

describe('checkWellFormed', () => {
  it.each([
    ['<a x="1" y="2"><b z=\'"\'/>&amp;<![CDATA[& <]]></a>', []],
    ['<a x=1/>', ['XML_ATTRIBUTE']],
    ['<a x="1"y="2"/>', ['XML_ATTRIBUTE']],
    ['<a x="1" x="2"/>', ['XML_DUPLICATE']],
    ['<a x="R&D"/>', ['XML_REFERENCE']],
    ['<a>&nbsp;</a>', ['XML_REFERENCE']],
    ['<a>\u0001</a>', ['XML_CHARACTER']],
    ['<1a/>', ['XML_NAME']],
  ])('judges %j', (text, codes) => {
    expect(checkWellFormed(parseXml(text)).map((fault) => fault.code)).toEqual(codes);
  });
});

describe('escaping', () => {
  it('comes back as it was, illegal characters removed', () => {
    const value = 'a<b>&"\t\n\r\u0001\ud800é🔬';
    const back = parseXml(`<a v="${escapeAttribute(value)}">${escapeText(value)}</a>`);
    expect(back.attribute('v')).toBe('a<b>&"\t\n\ré🔬');
    expect(back.text).toBe('a<b>&"\t\n\ré🔬');
    expect(unescapeXml('&#x110000;&#65;')).toBe('&#x110000;A');
  });
});
