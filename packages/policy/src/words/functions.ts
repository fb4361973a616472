export interface FunctionRow {
  readonly name: string
  /** Form in which a rule calls it. */
  readonly form: string
  readonly help: string
}

/** Functions that a rule may call, beside the operators. No other function of CEL can be called. */
export const functionRows: readonly FunctionRow[] = [
  {
    name: 'inInventory',
    form: '`inInventory(TEXT, "NAME")`, `inInventory(LIST, "NAME")`',
    help: 'true if the inventory has the text, or one of the list; upper and lower case are the same'
  },
  {
    name: 'inCidr',
    form: '`inCidr(ADDRESS, "NETWORK")`',
    help: 'true if the IP address is in the network, such as `"10.7.0.0/16"` or `"2001:db8::/32"`'
  },
  { name: 'matches', form: '`TEXT.matches("PATTERN")`', help: 'true if the RE2 pattern fits somewhere in the text' },
  { name: 'startsWith', form: '`TEXT.startsWith(TEXT)`', help: 'true if the text begins so' },
  { name: 'endsWith', form: '`TEXT.endsWith(TEXT)`', help: 'true if the text ends so' },
  { name: 'contains', form: '`TEXT.contains(TEXT)`', help: 'true if the text has the other one in it' },
  { name: 'lowerAscii', form: '`TEXT.lowerAscii()`', help: 'the text in lower case' },
  { name: 'upperAscii', form: '`TEXT.upperAscii()`', help: 'the text in upper case' },
  { name: 'trim', form: '`TEXT.trim()`', help: 'the text without white space at its ends' },
  { name: 'size', form: '`size(VALUE)`', help: 'number of characters, items or keys' },
  { name: 'int', form: '`int(TEXT)`', help: 'the number that a text has in decimal digits' },
  { name: 'string', form: '`string(VALUE)`', help: 'the value as a text' },
  { name: 'timestamp', form: '`timestamp("2026-12-24T18:00:00Z")`', help: 'a time' },
  { name: 'duration', form: '`duration("90m")`', help: 'a length of time, to add to a time' },
  { name: 'getHours', form: '`now.getHours()`', help: 'hour of a time, from 0 to 23, in UTC' },
  { name: 'getMinutes', form: '`now.getMinutes()`', help: 'minute of a time, in UTC' },
  { name: 'getDayOfWeek', form: '`now.getDayOfWeek()`', help: 'day of the week, 0 for Sunday, in UTC' },
  { name: 'getDate', form: '`now.getDate()`', help: 'day of the month, from 1, in UTC' },
  { name: 'getMonth', form: '`now.getMonth()`', help: 'month, 0 for January, in UTC' },
  { name: 'getFullYear', form: '`now.getFullYear()`', help: 'year, in UTC' }
]

/** Macros of CEL over lists and maps, and operators: all that a rule may use beside the functions. */
export const operatorRows: readonly { form: string; help: string }[] = [
  { form: '`&&` `||` `!` `? :`', help: 'and, or, not, if' },
  { form: '`==` `!=` `<` `<=` `>` `>=`', help: 'comparisons of values of one type' },
  { form: '`+` `-` `*` `/` `%`', help: 'of numbers; `+` also of texts and lists' },
  { form: '`VALUE in LIST`, `KEY in MAP`', help: 'true if it is in there; `machine.serial in ["A1", "A2"]`' },
  { form: '`LIST[0]`, `MAP["KEY"]`', help: 'an item; a rule fails if there is none' },
  { form: '`has(code.labels.rack)`', help: 'true if the map has the key' },
  {
    form: '`LIST.exists(x, TEST)`, `.all(x, TEST)`, `.exists_one(x, TEST)`',
    help: 'true if the test holds for one, for all, for exactly one'
  },
  { form: '`LIST.filter(x, TEST)`, `.map(x, VALUE)`', help: 'another list' }
]
