import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { Compiler } from '../../src/cel/compile.ts'
import type { Evidence } from '../../src/words/variables.ts'

const evidence: Evidence = {
  machine: {
    ...noFacts,
    serial: 'SN-1',
    macs: ['52:54:00:30:00:01', '52:54:00:30:00:02'],
    addresses: ['10.7.0.11', 'fe80::1'],
    cpus: 4,
    memory: 2 ** 33,
    kubelet: 'v1.37.2',
    failing: [],
    warning: ['mtu']
  },
  seen: { address: '10.7.0.11', key: `sha256:${'4f'.repeat(32)}`, nameFree: true, conflicts: 0, unique: true },
  code: { id: 'c1', name: 'rack-7-{n}', role: 'worker', from: ['10.7.0.0/16'], labels: { rack: 'r7' } },
  role: 'worker',
  name: 'rack-7-1',
  // 02:30 UTC on the day on which clocks are put forward in Europe
  now: '2026-03-29T02:30:00.000Z'
}

const inventories = {
  rack7: ['sn-1', 'SN-2'],
  macs: ['52:54:00:30:00:02'],
  networks: ['10.7.0.0/16'],
  blank: [' '],
  keys: [`SHA256:${'4F'.repeat(32)}`]
}

const compiled = (expression: string) => {
  const compiler = new Compiler(inventories)
  return { result: compiler.add(expression), evaluated: compiler.evaluate(0, evidence) }
}

t.test('what an expression says of a machine', async (t) => {
  const rows: [expression: string, is: boolean][] = [
    ['true', true],
    ['machine.serial == "SN-1"', true],
    ['machine.serial in ["SN-1", "SN-2"]', true],
    ['inInventory(machine.serial, "rack7")', true],
    ['inInventory("SN-3", "rack7")', false],
    ['inInventory(machine.macs, "macs")', true],
    ['inInventory(machine.addresses, "macs")', false],
    ['inInventory(seen.key, "keys")', true],
    ['inCidr(seen.address, "10.7.0.0/16")', true],
    ['inCidr(seen.address, "10.8.0.0/16")', false],
    ['inCidr("2001:db8::7", "2001:db8::/32")', true],
    ['inCidr("no address", "10.0.0.0/8")', false],
    ['machine.addresses.exists(a, inCidr(a, "10.0.0.0/8"))', true],
    ['machine.addresses.all(a, inCidr(a, "10.0.0.0/8"))', false],
    ['machine.macs.filter(m, m.endsWith("2")).size() == 1', true],
    ['machine.cpus >= 4 && machine.memory > 4 * 1024 * 1024 * 1024', true],
    ['machine.kubelet.matches("^v1[.]3[67][.]")', true],
    ['size(machine.failing) == 0', true],
    ['"mtu" in machine.warning', true],
    ['code.labels.rack == "r7"', true],
    ['has(code.labels.row) && code.labels.row == "9"', false],
    ['"rack" in code.labels', true],
    ['code.from.exists(n, n == "10.7.0.0/16")', true],
    ['code.name.startsWith("rack-7-") && name.startsWith("rack-7-")', true],
    ['role == "worker" && seen.nameFree && seen.unique && seen.conflicts == 0', true],
    ['now.getHours() == 2 && now.getDayOfWeek() == 0 && now.getDate() == 29 && now.getMonth() == 2', true],
    ['now > timestamp("2026-03-29T02:00:00Z") && now < timestamp("2026-03-29T02:00:00Z") + duration("1h")', true],
    ['machine.serial.lowerAscii() == "sn-1"', true],
    ['machine["serial"] == "SN-1"', true],
    ['machine.serial == "SN-1" ? seen.unique : false', true]
  ]
  for (const [expression, is] of rows) t.same(compiled(expression).evaluated, { is }, expression)
})

t.test('a fault is found when the policy is read, with its place', async (t) => {
  const rows: [expression: string, fault: RegExp, line: number, column: number][] = [
    ['machin.serial == "x"', /there is no variable machin/, 1, 1],
    ['true &&\n  machine.seriel == "x"', /there is no variable machine.seriel; there are machine.serial/, 2, 3],
    ['machine == machine', /machine has fields/, 1, 1],
    ['machine.serial', /is string, and must be bool/, 1, 8],
    ['machine.serial == 4', /compares string with int/, 1, 16],
    ['machine.cpus > "4"', /> does not go with int, string/, 1, 14],
    ['machine.serial && true', /is string, and must be bool/, 1, 8],
    ['machine.cpus in machine.macs', /looks for int among string/, 1, 14],
    ['machine.serial.macs == "x"', /string has no field macs/, 1, 15],
    ['inInventory(machine.serial, "rack8")', /there is no inventory rack8/, 1, 29],
    ['inInventory(machine.serial, machine.os)', /is a literal/, 1, 36],
    ['inCidr(seen.address, "10.7.0.0")', /is no network/, 1, 22],
    ['machine.os.matches("(")', /is no RE2 pattern/, 1, 20],
    ['machine.os.matches("(?=x)")', /is no RE2 pattern/, 1, 20],
    ['exec("rm")', /there is no function exec/, 1, 1],
    ['{true: 1}[true] == 1', /^a map of a policy has keys of string, and this one is bool$/, 1, 11],
    ['machine.macs.exists(i, mac, mac == "x")', /^write exists\(NAME, CONDITION\), with one name$/, 1, 13],
    ['machine.macs.all("x", true)', /^write all\(NAME, CONDITION\), with one name$/, 1, 13],
    [
      'machine.macs.map(i, j, mac, mac)',
      /^write map\(NAME, VALUE\) or map\(NAME, CONDITION, VALUE\), with one name$/,
      1,
      13
    ],
    ['machine.macs.transformList(i, mac, mac) == []', /^there is no function transformList$/, 1, 13],
    ['machine.os.matches(1)', /there is no string.matches\(int\)/, 1, 11],
    ['now.getHours("Europe/Berlin") == 1', /there is no timestamp.getHours\(string\)/, 1, 4],
    ['google.protobuf.Duration{seconds: 1} == duration("1s")', /there is no type/, 1, 1],
    ['true &&', /./, 1, 6],
    ['constructor == "x"', /there is no variable constructor/, 1, 1],
    ['machine.__proto__ == "x"', /there is no variable machine.__proto__/, 1, 1],
    [`${'['.repeat(200)}true${']'.repeat(200)} == []`, /nested too deeply/, 1, 101]
  ]
  for (const [expression, fault, line, column] of rows) {
    const { result } = compiled(expression)
    t.match(result, { fault, line, column }, expression)
  }
})

t.test('an expression that fails for a machine says why, and is no answer', async (t) => {
  for (const expression of [
    'code.labels.row == "9"',
    'machine.macs[7] == "x"',
    '1 / (machine.cpus - 4) == 1',
    'int(machine.serial) == 1'
  ]) {
    const { result, evaluated } = compiled(expression)
    t.notHas(result, { fault: /./ }, expression)
    t.match(evaluated, { failed: /./ }, expression)
  }
})

t.test(
  'C1: an expression rests on proof only if it compares what the server saw or gave with a text of its own',
  async (t) => {
    const key = `sha256:${'4f'.repeat(32)}`
    const proof: readonly string[] = [
      'inCidr(seen.address, "10.7.0.0/16")',
      'inCidr(seen.address, "fc00::/7")',
      'machine.serial == "SN-1" && inCidr(seen.address, "10.7.0.0/16")',
      'code.id == "c1" || code.labels.rack == "r7"',
      '"r7" == code.labels["rack"]',
      'code["name"] in ["rack-7-{n}", "rack-8-{n}"]',
      'code.name.startsWith("rack-7-") && name.startsWith("rack-7-")',
      'code.name.lowerAscii().startsWith("rack")',
      'code.name.matches("^rack-[78]-")',
      'seen.address.matches("^10[.]7[.]")',
      'seen.address.startsWith("10.7.")',
      `seen.key.startsWith("${key.slice(0, 27)}")`,
      `seen.key == "${key}"`,
      '!(seen.key != "k" || machine.serial == "SN-1")',
      'inInventory(seen.key, "keys")',
      'inInventory(code.from, "networks")',
      'has(code.labels.rack) && machine.serial == "SN-1"',
      '"rack" in code.labels',
      '"10.7.0.0/16" in code.from',
      'code.from == ["10.7.0.0/16"]',
      'code.from[0] == "10.7.0.0/16"',
      'code.from.exists(n, n == "10.7.0.0/16")',
      'code.from.exists(n, n in ["10.7.0.0/16", "10.8.0.0/16"])',
      '["rack-7-", "rack-8-"].exists(p, code.name.startsWith(p))',
      'machine.macs.exists(m, m == "52:54:00:30:00:01" && seen.key == "k")',
      'inCidr(seen.address, "10.7.0.0/16") ? true : false',
      'machine.serial == "SN-1" ? seen.key == "k" : false',
      'false'
    ]
    const none: readonly string[] = [
      'true',
      'role == "worker" && seen.nameFree',
      'machine.serial == "SN-1"',
      'name.startsWith("rack")',
      'machine.serial == "SN-1" || inCidr(seen.address, "10.7.0.0/16")',
      'machine.serial == "SN-1" ? true : seen.key == "k"',
      'inCidr(seen.address, "10.7.0.0/16") ? true : machine.serial == "SN-1"',
      // what is true of everybody but some
      'code.id != "" && machine.serial == "SN-1"',
      '!(seen.key == "x") && true',
      'seen.key != "x"',
      '!inCidr(seen.address, "10.7.0.0/16")',
      '!(machine.serial == "SN-1" && inCidr(seen.address, "10.7.0.0/16"))',
      '!(seen.address in ["10.7.0.1"])',
      '!code.from.exists(n, n == "10.7.0.0/16")',
      'seen.key == "x" ? false : true',
      // what is true of everybody
      'size(code.name) >= 0 && machine.serial == "SN-1"',
      'code.name == code.name',
      'code.name == ""',
      'code.name in ["", "rack-7-{n}"]',
      'code.name.startsWith("")',
      'code.name.contains("")',
      'code.name.endsWith("")',
      'code.name.matches(".*")',
      'code.name.matches("rack")',
      'code.name.matches("^r?")',
      'code.name.matches("^r{0}")',
      'code.name.matches("^rack|")',
      'seen.key.startsWith("sha256:")',
      'seen.key.startsWith("sha256:4")',
      'seen.key.matches("^sha256:4f")',
      'code.id.startsWith("c")',
      'seen.address.startsWith("1")',
      'seen.address.startsWith(":")',
      'seen.address.matches("^[0-9]")',
      'inCidr(seen.address, "0.0.0.0/0")',
      'inCidr(seen.address, "::/0") || inCidr(seen.address, "0.0.0.0/1") || inCidr(seen.address, "128.0.0.0/1")',
      'inCidr(seen.address, "2000::/3")',
      'code.from.all(n, n == "10.7.0.0/16")',
      'code.from.size() > 0',
      'code.from == []',
      'code.labels.size() >= 0',
      'inInventory(code.name, "blank")',
      '[""].exists(p, code.name == p)',
      // what the machine can make true, since it knows both sides or chooses one
      'machine.macs.exists(m, m == seen.key)',
      'seen.address in machine.addresses',
      'machine.serial == seen.key',
      'code.labels[machine.hostname] == "r7"',
      'machine.hostname in code.labels',
      'code.name.startsWith(machine.hostname)',
      'inCidr(seen.address, machine.os)',
      'code.name + machine.os == "rack-7-1"',
      '(seen.key == "x") == (machine.serial == "x")',
      // names that hide what they stand for
      'machine.macs.exists(code, code == "c1")',
      '[{"id": machine.serial}].exists(code, code.id == "SN-1")'
    ]
    for (const expression of proof) t.match(compiled(expression).result, { leansOnProof: true }, expression)
    for (const expression of none) t.match(compiled(expression).result, { leansOnProof: false }, expression)
  }
)
