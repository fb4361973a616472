import { CommandError, type Exec } from '@joinery/host/exec'
import t from 'tap'
import { journalCommand, seeJournal } from '../../../../src/machine/why/see/journal.ts'
import { seeUnits, unitNames } from '../../../../src/machine/why/see/units.ts'

const printing =
  (asked: string[], printed: string): Exec =>
  async (argv) => {
    asked.push(argv.join(' '))
    return printed
  }

t.test('units are read with one command, and a unit that waits to be started again says so', async (t) => {
  const asked: string[] = []
  // as systemd 257 prints it
  const printed = [
    'Id=kubelet.service\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=12\nExecMainStatus=1\nActiveEnterTimestampMonotonic=5000000\n',
    'Id=containerd.service\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nNRestarts=0\nExecMainStatus=0\nActiveEnterTimestampMonotonic=5000000\n'
  ].join('\n')
  const units = await seeUnits(printing(asked, printed), ['kubelet.service', 'containerd.service'], 65_000)
  t.same(units, [
    { unit: 'kubelet.service', load: 'loaded', state: 'auto-restart', result: 'exit-code', restarts: 12, status: 1 },
    {
      unit: 'containerd.service',
      load: 'loaded',
      state: 'active',
      result: 'success',
      restarts: 0,
      status: 0,
      upFor: 60_000
    }
  ])
  t.same(asked, [`systemctl show kubelet.service containerd.service --property=${unitNames.join(',')}`])
})

t.test('a unit of which systemd tells little is still a unit', async (t) => {
  t.same(await seeUnits(printing([], 'LoadState=not-found\n'), ['crio.service'], 0), [
    { unit: 'crio.service', load: 'not-found', state: '', result: '', restarts: 0, status: 0 }
  ])
})

t.test('of a unit that runs well only the last minute of its journal are read', async (t) => {
  const asked: string[] = []
  t.same(await seeJournal(printing(asked, 'one\n\n  \ntwo\n'), 'kubelet.service', true), ['one', 'two'])
  t.same(await seeJournal(printing(asked, ''), 'kubelet.service', false), [])
  t.same(asked, [
    'journalctl --unit=kubelet.service --boot --lines=400 --since=-1min --output=cat --no-pager',
    'journalctl --unit=kubelet.service --boot --lines=400 --output=cat --no-pager'
  ])
})

t.test('a journal of long lines is read shorter, and each line is cut', async (t) => {
  const asked: string[] = []
  const exec: Exec = async (argv) => {
    asked.push(argv.join(' '))
    if (asked.length < 3) throw new CommandError(argv, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', '')
    return `${'x'.repeat(10_000)}\n`
  }
  t.same(
    (await seeJournal(exec, 'kubelet.service', false)).map((line) => line.length),
    [4096]
  )
  t.same(
    asked,
    [400, 100, 25].map((count) => journalCommand('kubelet.service', count, false).join(' '))
  )
  await t.rejects(
    seeJournal(
      async (argv) => {
        throw new CommandError(argv, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', '')
      },
      'kubelet.service',
      false
    ),
    CommandError
  )
})

t.test('a journal that cannot be read is an error, at once', async (t) => {
  let asked = 0
  const exec: Exec = async (argv) => {
    asked += 1
    throw new CommandError(argv, 'ENOENT', '')
  }
  await t.rejects(seeJournal(exec, 'kubelet.service', false), /no command journalctl/)
  t.equal(asked, 1)
})
