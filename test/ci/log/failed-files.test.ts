import t from 'tap'
import { failedFiles, refusesReplay } from './failed-files.ts'
import { readLog } from './read-log.ts'

const suite = 'test/cluster/spine.cluster.ts'

t.test('a suite of the cluster has failed unless it passed, or was left out', async (t) => {
  const rows: [string, log: string[], isFailed: boolean][] = [
    ['passed', [`# Subtest: ${suite}`, `ok 1 - ${suite} # time=5ms`, '-- spine passed in 5 s'], false],
    ['failed', [`# Subtest: ${suite}`, `not ok 1 - ${suite} # time=5ms`, '-- spine FAILED in 5 s'], true],
    ['ended in the middle of it', [`# Subtest: ${suite}`, '    # Subtest: a test', '-- spine FAILED in 5 s'], true],
    ['ended before it said anything', ['-- spine FAILED in 5 s'], true],
    ['no time', ['-- spine NOT RUN: this host takes 2.00 times as long as usual'], false],
    ['known to pass', ['-- spine SKIPPED: passed with these inputs at 12345678'], false],
    ['another one without time', ['-- why NOT RUN: this host takes 2.00 times as long as usual'], true]
  ]
  for (const [row, lines, isFailed] of rows)
    t.equal(failedFiles(readLog(lines.join('\n')), [suite]).length, Number(isFailed), row)
})

t.test('a failure that belongs to no file is one of the step', async (t) => {
  const { own } = readLog(`# Subtest: ${suite}\nok 1 - ${suite}\nnot ok - more than half of the suites were left out`)
  t.same(own, ['more than half of the suites were left out'])
})

t.test('a file is lost only if tap said the end of a time limit in its place', async (t) => {
  const [slow, other, third] = ['test/slow.test.ts', 'test/other.test.ts', 'test/third.test.ts']
  const expired = ['not ok 2 - timeout!', '  ---', `  expired: ${slow}`, '  ...']
  const ended = [`# Subtest: ${slow}`, `not ok 1 - ${slow}`]
  const rows: [string, log: string[], planned: string[], lost: string[]][] = [
    ['the result of another file', [...ended, ...expired], [slow, other], [other]],
    ['its own result', [`# Subtest: ${slow}`, ...expired], [slow], []],
    ['that of one more file is missing', [...ended, ...expired], [slow, other, third], []],
    ['no time limit', [`# Subtest: ${slow}`, `ok 1 - ${slow}`], [slow, other], []],
    ['it was seen to fail', [...ended, `# Subtest: ${other}`, '    not ok 1 - a test', ...expired], [slow, other], []]
  ]
  for (const [row, lines, planned, lost] of rows) {
    const failed = failedFiles(readLog(lines.join('\n')), planned)
    t.same(
      failed.filter(({ isLost }) => isLost).map(({ file }) => file),
      lost,
      row
    )
  }
})

t.test('a file that was played again has passed only if what had failed has passed', async (t) => {
  const [file, name] = ['test/some.test.ts', 'a machine joins']
  const before = { file, process: file, isLost: false, suspects: [file], tests: [name], failures: [name], output: '' }
  const log = (result: string, totals = '# { total: 1, pass: 1 }', test = name): string =>
    [`# Subtest: ${file}`, `    # Subtest: ${test}`, `    ${result}`, `ok 1 - ${file}`, totals].join('\n')
  const rows: [string, log: string, isGreen: boolean, why: RegExp | undefined][] = [
    ['it passed', log(`ok 1 - ${name} # time=5ms`), true, undefined],
    ['it failed', log(`not ok 1 - ${name}`).replace(/^ok/m, 'not ok'), false, /failed again/],
    ['the status alone is bad', log(`ok 1 - ${name}`), false, /failed again/],
    ['the status alone is good', '', true, /failed again/],
    ['it was skipped', log(`ok 1 - ${name} # SKIP no openssl`), true, /did not run again: a machine joins/],
    ['it is to do', log(`ok 1 - ${name} # TODO later`), true, /did not run again/],
    ['it has another name', log('ok 1 - 2 machines join', undefined, '2 machines join'), true, /did not run again/],
    ['nothing was asserted', log(`ok 1 - ${name}`, '# { total: 0, pass: 0 }'), true, /did not run again/]
  ]
  for (const [row, text, isGreen, why] of rows) {
    const refusal = refusesReplay(before, file, isGreen, readLog(text))
    if (why === undefined) t.equal(refusal, undefined, row)
    else t.match(refusal, why, row)
  }
})

t.test('a file that was played again with its group must pass there, whatever the others do', async (t) => {
  const [group, file, other, name] = [
    'test/together/a.test.ts',
    'test/some.test.ts',
    'test/other.test.ts',
    'a machine joins'
  ]
  const before = { file, process: group, isLost: false, suspects: [file], tests: [name], failures: [name], output: '' }
  const play = (result: string, otherResult: string, ended = ['  ---', '  exitCode: 1', '  ...']): string => {
    const isGreen = result === 'ok' && otherResult === 'ok'
    return [
      ...[`# Subtest: ${group}`, `    # tests of ${file}`, `    # Subtest: ${name}`, `    ${result} 1 - ${name}`],
      ...[
        `    # tests of ${other}`,
        '    # Subtest: another',
        `    ${otherResult} 2 - another`,
        '    # those were all files'
      ],
      ...[`${isGreen ? 'ok' : 'not ok'} 1 - ${group}`, ...ended, '# { total: 2, pass: 1 }']
    ].join('\n')
  }
  const rows: [string, log: string, why: RegExp | undefined][] = [
    ['both pass', play('ok', 'ok', []), undefined],
    ['another one fails', play('ok', 'not ok'), undefined],
    ['it fails there', play('not ok', 'ok'), /failed again in test\/together\/a/],
    ['the group was cut off', play('ok', 'not ok', ['  ---', '  signal: SIGKILL', '  ...']), /failed again in/]
  ]
  for (const [row, text, why] of rows) {
    const refusal = refusesReplay(before, group, false, readLog(text))
    if (why === undefined) t.equal(refusal, undefined, row)
    else t.match(refusal, why, row)
  }
})
