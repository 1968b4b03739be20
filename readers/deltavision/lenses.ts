// Lens numbers of Applied Precision / GE systems: what each objective is. Facts as published with Bio-Formats (its source: Applied Precision).
// An entry: number|manufacturer|model|magnification|NA|immersion|correction|working distance in mm; entries end in ';' or a line break.

const TABLE = `
1|Zeiss||10|0.25|Air||;2|Zeiss||25|0.5|Air||;3|Zeiss||50|1|Oil||;4|Zeiss||63|1.25|Oil||;5|Zeiss||100|1.3|Oil||
6|||100|1.3|Oil|Neofluar|;7|Leitz||63|1.4|Oil|PlanApo|;8|||63|1.2|Water||;9|Olympus||10|0.4|Air||0.3
10|Olympus||20|0.8|Oil||0.3;11|Olympus||40|1.3|Oil||0.3;12|Olympus||60|1.4|Oil||0.3;13|Nikon||100|1.4|Oil||0.3
2001||||1.15|Water||;10000|Olympus|1-LB393|100|1.3|Oil|Apo|;10001|Olympus|1-LB392|100|1.3|Oil|UV|
10002|Olympus|1-UB935|100|1.4|Oil|PlanApo|0.1;10003|Olympus|1-UB836|100|1.35|Oil|PlanApo|0.1
10004|Olympus|1-UB535|100|1.3|Oil||;10005|Olympus||100|1.35|Oil|PlanApo|0.1;10006|Olympus||100|1.4|Oil|PlanApo|0.1
10007|Olympus|1-U2B836|100|1.4|Oil||0.13;10008|Olympus|1-U2B5352|100|1.3|Oil||0.2
10009|Olympus|1-U2B5362|100|1.3|Oil||0.2;10010|Olympus|1-UB617R|100|1.45|Oil|PlanApo|0.1
10011|Olympus|1-U2B725|100|1.49|Oil||0.1;10012|Olympus|XXXXXXXX|100|0.95|Air||0.2
10100|Olympus|1-LP134|10|0.3|Air|Achromat|;10101|Olympus|1-LB331|10|0.4|Air|Apo|;10102|Olympus|1-LP134|10|0.3|Air||
10103|Olympus|1-LP124|4|0.13|Air||;10104|Olympus|1-LB331|10|0.4|Air|UV|;10105|Olympus|1-LP331|10|0.4|Air|UV|3.1
10106|Olympus|1-UB822|4|0.16|Air|PlanApo|13;10107|Olympus|1-UB823|10|0.4|Air|PlanApo|3.1
10108|Olympus|1-UC243|10|0.25|Air|Achromat|9.8;10109|Olympus|1-UB532|10|0.3|Air|PlanFluor|
10110|Olympus||4|0.13|Air||;10111|Olympus||2|0.08|Air||;10112|Olympus|1-UB522|4|0.13|Air|PlanFluor|
10113|Olympus|1-UB920|1.25|0.04|Air|PlanApo|5.1;10114|Olympus|1-UB921|2|0.08|Air|PlanApo|6
10115|Olympus|1-U2B823|10|0.4|Air||3.1;10116|Olympus|1-U2B822|4|0.16|Air||13;10117|Olympus|1-U2B824|10|0.4|Air||3.1
10200|Olympus||20|0.4|Air|Achromat|3;10201|Olympus|1-LB343|20|0.65|Air|Apo|1.03;10202|Olympus|1-LP146|20|0.4|Air||
10203|Olympus|1-LB342|20|0.8|Oil|PlanApo|;10204|Olympus|1-LB341|20|0.7|Air|UV|
10205|Olympus|1-UB765|20|0.75|Air|Apo|0.55;10206|Olympus|1-UC525|20|0.5|Air||0.55
10207|Olympus|1-UC145|20|0.4|Air|Achromat|3;10208|Olympus|1-UB525|20|0.5|Air||0.55
10209|Olympus|1-UC345|20|0.4|Air||6.9;10210|Olympus|1-UB345|20|0.4|Air||6.9;10211|Olympus|1-U2B825|20|0.75|Air||0.6
10212|Olympus|1-U2C375|20|0.45|Air||;10213|Olympus|1-U2C525|20|0.5|Air||2;10214|Olympus|1-UB765R|20|0.75|Air||0.55
10215|Olympus|1-U2B375|20|0.45|Air|PlanFluor|6.6;10400|Olympus||40|0.55|Air|Achromat|2.04
10401|Olympus||40|0.85|Air||0.25;10402|Olympus|1-LB356|40|1.3|Oil|Apo|0.12;10403|Olympus|1-UB768|40|1.35|Oil|Apo|0.1
10404|Olympus|1-UB827|40|0.85|Air|PlanApo|0.2;10405|Olympus|1-UB927|40|0.95|Air|PlanApo|0.14
10406|Olympus|1-UB828|40|1|Oil|PlanApo|;10407|Olympus|1-UB527|40|0.75|Air|PlanFluor|
10408|Olympus|1-UB347|40|0.6|Air||2.15;10409|Olympus|1-UC347|40|0.6|Air||2.15;10410|Olympus|1-UB769|40|1.15|Water||
10411|Olympus|1-UC527|40|0.75|Air|PlanFluor|;10412|Olympus||40|1.35|Oil|Apo|0.1
10413|Olympus|1-UB769R|40|1.15|Water||0.26;10414|Olympus|1-U2B377|40|0.6|Air|PlanFluor|2.7
10415|Olympus|1-U2B768|40|1.35|Oil||0.1;10416|Olympus|1-U2B530|40|1.3|Oil||0.2;10417|Olympus||40|1.25|Other|Apo|0.3
10600|Olympus||60|1.4|Oil|Apo|0.3;10601|Olympus|1-LB751|60|1.4|Oil|UV|;10602|Olympus|1-UB932|60|1.4|Oil|PlanApo|0.1
10603|Olympus|1-UB891|60|1.2|Water|PlanApo|0.25;10604|Olympus||60|1.2|Water||0.25
10605|Olympus|1-UB351|60|0.7|Air||1.1;10606|Olympus|1-UC351|60|0.7|Air||1.1
10607|Olympus|1-UC932|60|1.4|Oil|PlanApo|;10608|Olympus|1-UB532|60|1.25|Oil||
10609|Olympus|1-UB933|60|1.4|Oil|PlanApo|0.15;10610|Olympus||60|1.4|Oil|PlanApo|0.15
10611|Olympus||60|1.2|Water|PlanApo|0.25;10612|Olympus|1-U2B933|60|1.42|Oil|PlanApo|0.15
10613|Olympus|1-U2B616|60|1.45|Oil|PlanApo|0.1;10614|Olympus|1-U2B617|60|1.49|Oil||0.1
10615|Olympus||60|1.3|Other||0.3;10616|Olympus|1-U2B893S|60|1.2|Water||0.28;10617|Olympus|1-U2B720|60|1.49|Oil||0.1
11500|Olympus|1-U2B618|150|1.45|Oil||0.1;12000|Nikon|85025|100|1.4|Oil|PlanApo|0.1
12001|Nikon|85005|100|1.3|Oil||0.14;12002|Nikon|78821|100|1.3|Glycerol|UV|0.13
12003|Nikon|93110|100|1.4|Oil|PlanApo|0.13;12004|Nikon|93129|100|1.3|Oil||0.2
12005|Nikon|MRH00900|100|0.9|Air|PlanFluor|0.3;12006|Nikon|MUE35900|100|0.85|Air||0.85
12007|Nikon|MRD01901|100|1.4|Oil|PlanApo|0.13;12101|Nikon|202294|2|0.1|Air|PlanApo|
12102|Nikon|108388|4|0.2|Air|PlanApo|;12103|Nikon|93102|4|0.2|Air|PlanApo|15.7
12104|Nikon|93103|10|0.45|Air|PlanApo|4;12105|Nikon|93134|10|0.3|Air|PlanFluor|16
12106|Nikon|MRF00100/93126|10|0.5|Air|SuperFluor|1.2;12107|Nikon|93183|10|0.25|Air|Achromat|10.5
12108|Nikon|93161|10|0.25|Air|Achromat|6.1;12109|Nikon|MRD00020, MRD00025|2|0.1|Air|PlanApo|8.5
12110|Nikon|MRD00041, MRD00045|4|0.2|Air|PlanApo|20;12111|Nikon|MRD00101, MRD00105|10|0.45|Air|PlanApo|4
12201|Nikon|93104|20|0.75|Air|PlanApo|1;12202|Nikon|93146|20|0.75|Multi|PlanFluor|
12203|Nikon|93150|20|0.45|Air|PlanFluor|7.4;12204|Nikon|MUE01200/92777|20|0.45|Air||4.5
12205|Nikon|MRH00200/93135|20|0.5|Air|PlanFluor|2.1;12206|Nikon|MRH08230|20|0.45|Air|PlanFluor|7
12207|Nikon|MRD00201, MRD00205|20|0.75|Air|PlanApo|1;12208|Nikon||20|0.75|Air|SuperFluor|1
12209|Nikon||20|0.75|Water|PlanFluor|0.35;12301|Nikon||25|1.1|Water||2;12302|Nikon||20|0.95|Water||0.95
12401|Nikon|85028|40|1.3|Oil||0.16;12402|Nikon|85004|40|1.3|Oil||0.22;12403|Nikon|140508|40|0.75|Air||
12404|Nikon||40|1.3|Oil||0.22;12405|Nikon||40|0.95|Air|PlanApo|;12406|Nikon||40|1|Oil||0.16
12407|Nikon||40|0.6|Air|PlanFluor|3.2;12408|Nikon|MRH08430|40|0.6|Air|PlanFluor|2.7
12409|Nikon|MRD00400|40|0.95|Air|PlanApo|0.14;12410|Nikon||40|0.65|Air|PlanApo|0.48
12411|Nikon|MRD00405|40|0.95|Air|PlanApo|0.14;12412|Nikon|MRF00400|40|0.9|Air||0.3
12413|Nikon||40|0.75|Air|PlanFluor|0.66;12414|Nikon|MRD77410|40|1.15|Water||0.61;12415|Nikon||40|1.25|Water||0.2
12600|Nikon|85020|60|1.4|Oil|PlanApo|0.17;12601|Nikon|93108|60|1.4|Oil|PlanApo|0.21
12602|Nikon|93109|60|1.2|Water|PlanApo|0.22;12603|Nikon|MRD00600|60|0.95|Air|PlanApo|0.15
12604|Nikon|MRH08630|60|0.7|Air|PlanFluor|1.5;12605|Nikon|MRD00605|60|0.95|Air|PlanApo|0.15
12606|Nikon|MRH00602|60|0.85|Air|PlanFluor|0.3;12607|Nikon|MRD01602|60|1.4|Oil|PlanApo|0.13
12608|Nikon|MRD07602|60|1.2|Water|PlanApo|0.28;12609|Nikon||60|1.4|Oil|PlanApo|0.13
12610|Nikon|MRD07620|60|1.27|Water|PlanApo|0.17;14001|Zeiss|44 07 08 (02)|100|1.4|Oil|PlanApo|0.1
14002|Zeiss|44 07 86|100|1.3|Oil||0.1;14003|Zeiss|44 07 80 (02)|100|1.4|Oil|PlanApo|
14004|Zeiss|46 19 46 - 9903|100|1.3|Oil|PlanApo|;14005|Zeiss|44 07 86 (02)|100|1.4|Oil||;14006|Zeiss||100|1.3|Oil||
14101|Zeiss|44 03 30|10|0.3|Air|PlanNeofluar|;14102|Zeiss|44 01 31|10|0.25|Air||;14103|Zeiss|44 00 31|10|0.25|Air||
14104|Zeiss|44 06 39|10|0.45|Air|PlanApo|;14105|Zeiss|44 06 20|5|0.16|Air|PlanApo|
14201|Zeiss|44 03 41 (01)|20|0.5|Air|PlanNeofluar|;14202|Zeiss|44 06 40|20|0.6|Air|PlanApo|
14203|Zeiss|44 06 49|20|0.75|Air|PlanApo|;14204|Zeiss|44 01 45|20|0.75|Air|Fluar|
14301|Zeiss|44 05 44|25|0.8|Multi|PlanNeofluar|0.8;14302|Zeiss|44 05 42|25|0.8|Multi|PlanNeofluar|0.8
14303|Zeiss|44 05 45|25|0.8|Air|PlanNeofluar|;14401|Zeiss|44 02 55 (01)|40|1.3|Oil|Fluar|0.14
14402|Zeiss|44 07 51|40|1|Oil|PlanApo|;14403|Zeiss|44 00 52|40|1.2|Water|Apo|
14404|Zeiss|44 03 51|40|0.75|Air|PlanNeofluar|;14405|Zeiss|44 04 50|40|1.3|Oil|PlanNeofluar|0.15
14406|Zeiss|44 08 65|40|0.6|Air||;14407|Zeiss||40|1.3|Oil|PlanNeofluar|
14601|Zeiss|44 07 60 (03)|63|1.4|Oil|PlanApo|0.09;14602|Zeiss|44 07 62 (02)|63|1.4|Oil|PlanApo|0.09
14603|Zeiss|44 00 69|63|0.9|Water||;14604|Zeiss|44 06 68|63|1.2|Water|Apo|0.09;18101|APLLC||4|0.2|Air|PlanApo|3.33
18102|APLLC||2.46|0.2|Air|PlanApo|2.883;18103|APLLC||4|0.2|Air|PlanApo|2.883
18104|APLLC||6.15|0.45|Air|PlanApo|2.883;18105|APLLC||10|0.45|Air|PlanApo|2.883;18106|APLLC||1|0.1|Air||24
18107|Nikon||10|0.15|Air|PlanFluor|15;18108|APLLC||10|0.45|Air||3;18109|APLLC||10|0.45|Air||3
18201|APLLC||20|0.55|Air||13;18202|APLLC||20|0.5|Air||13;18204|APLLC|MUE01200/92777|20|0.45|Air||4.5
18205|APLLC|MRH00200/93135|20|0.5|Air||2.1;18206|APLLC||20|0.55|Air||2.1;18207|APLLC||20|0.45|Air||7.4
18208|APLLC||20|0.75|Air||1;18401|APLLC||40|0.65|Air||0.48;20007|Applied Precision||100|1.4|Oil||
`;

export interface Lens {
  readonly Manufacturer?: string;
  readonly Model?: string;
  readonly NominalMagnification?: number;
  readonly LensNA?: number;
  readonly Immersion?: string;
  readonly Correction?: string;
  /** mm. */
  readonly workingDistance?: number;
}

/** Undefined for a number that is not known. */
export function lensOf(id: number): Lens | undefined {
  const entry = TABLE.split(/[;\n]/).find((each) => each.startsWith(`${id}|`));
  if (!entry) return undefined;
  const [, maker, model, magnification, na, immersion, correction, distance] = entry.split('|');
  return {
    Manufacturer: maker || undefined,
    Model: model || undefined,
    NominalMagnification: Number(magnification) || undefined,
    LensNA: Number(na) || undefined,
    Immersion: immersion || undefined,
    Correction: correction || undefined,
    workingDistance: Number(distance) || undefined,
  };
}
