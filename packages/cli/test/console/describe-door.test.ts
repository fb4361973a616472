import t from 'tap'
import { describeDoor } from '../../src/console/api.ts'

const clusters: readonly [context: string, server: string, name: string, place: string][] = [
  ['prod', 'https://10.0.0.10:6443', 'prod', '10.0.0.10:6443'],
  ['kubernetes-admin@kubernetes', 'https://[fd00::10]:6443/', 'kubernetes-admin@kubernetes', '[fd00::10]:6443'],
  ['prod', 'https://proxy.example/k8s/clusters/c-1', 'prod', 'proxy.example/k8s/clusters/c-1'],
  ['prod', 'https://proxy.example/k8s/clusters/c-2/', 'prod', 'proxy.example/k8s/clusters/c-2'],
  ['prod', 'https://alice:secret@api.example:443?token=secret#secret', 'prod', 'api.example'],
  // letters of another script that look like these
  ['pr\u043ed', 'https://\u0430pi.example', 'pr\\u{43e}d', 'xn--pi-6kc.example'],
  ['\u202e\u001b[31m<b>', 'https://api.example', '\\u{202e}\\u{1b}[31m<b>', 'api.example'],
  ['x'.repeat(100_000), `https://api.example/${'y'.repeat(100_000)}`, 'x'.repeat(253), `api.example/${'y'.repeat(241)}`]
]

for (const [context, server, name, place] of clusters) {
  t.test(`a console is about ${name.slice(0, 30)} at ${place.slice(0, 40)}`, async (t) => {
    const about = describeDoor({ to: 'cluster' }, { context, server }, 'laptop')
    t.same(about, { name, door: { to: 'cluster', server: place } })
  })
}

t.test('over the socket a console is about its host', async (t) => {
  const path = '/run/joinery/operator.sock'
  t.same(describeDoor({ to: 'socket', path }, undefined, 'cp-1'), { name: 'cp-1', door: { to: 'socket', path } })
})
