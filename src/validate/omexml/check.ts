// An OME-XML document: the schema 2016-06 and what it cannot say. The rules themselves are in src/containers/ome-xml.

import { validateOmeXml } from '../../containers/ome-xml/validate.js';
import type { Report } from '../report.js';
import { ruleOf } from '../rules.js';

/** Report all that is wrong; `where` names the document inside the input, '' = the input itself. */
export function checkOmeXml(xml: Uint8Array | string, where: string, report: Report): void {
  for (const { severity, code, path, message } of validateOmeXml(xml)) {
    const place = [where, path].filter((part) => part !== '').join(' ');
    report.add(ruleOf(code, 'OME_ROOT'), place, message, severity);
  }
}
