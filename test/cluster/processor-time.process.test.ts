import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { countProcessorTime } from './processor-time.ts'

t.test('the time of a process that nobody waits for counts too', async (t) => {
  // it begins when it is told, and what works is a child of nobody by then
  const work = 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; echo done'
  const child = spawn('sh', ['-c', `read line; { ${work}; } & exit`], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child, 'spawn')
  const processor = countProcessorTime(child.pid as number)
  child.stdin.end('\n')
  t.equal(await text(child.stdout), 'done\n')
  if (processor === undefined) return t.pass('this host lets nobody make a control group')
  t.ok(processor.seconds() > 0.01, `${processor.seconds()} s`)
  processor.end()
})
