import t from 'tap'
import { isAgentTooOld, misfits } from '../src/promises.ts'

const commands: [command: string, server: string, said: RegExp | undefined][] = [
  ['0.3.0', '0.3.9', undefined],
  ['0.2.7', '0.3.0', undefined],
  ['0.4.0', '0.3.0', undefined],
  ['0.4.0~rc.1', '0.3.0', undefined],
  ['0.1.0', '0.3.0', /^This command \(0\.1\.0\) is too old for the server \(0\.3\.0\): install joinery 0\.3\.0 here$/],
  ['0.5.0', '0.3.0', /^The server \(0\.3\.0\) is too old for this command \(0\.5\.0\): upgrade joinery-server/],
  ['1.0.0', '0.9.0', /^The server \(0\.9\.0\) is too old/],
  ['0.9.0', '1.0.0', /^This command \(0\.9\.0\) is too old/],
  ['dev', '0.3.0', undefined],
  ['0.3.0', 'dev', undefined]
]
for (const [command, server, said] of commands) {
  t.test(`joinery ${command} ${said === undefined ? 'fits' : 'does not fit'} a server ${server}`, async (t) => {
    const [first, ...more] = misfits({ command, server })
    t.same(more, [])
    if (said === undefined) t.equal(first, undefined)
    else t.match(first, said)
  })
}

const clusters: [kubernetes: string, said: RegExp | undefined][] = [
  ['v1.34.0', undefined],
  ['v1.37.2', undefined],
  ['v1.37.2+vendor', undefined],
  ['v1.33.9', /^Kubernetes v1\.33\.9 is not one .* \(1\.34 to 1\.37\): kubeadm upgrade plan$/],
  ['v1.38.0-beta.0', /^Kubernetes v1\.38\.0-beta\.0 is not one .*: look for a newer release of Joinery$/],
  ['unreadable', undefined]
]
for (const [kubernetes, said] of clusters) {
  t.test(`Kubernetes ${kubernetes} ${said === undefined ? 'is promised' : 'is not promised'}`, async (t) => {
    const [first] = misfits({ command: '0.3.0', kubernetes })
    if (said === undefined) t.equal(first, undefined)
    else t.match(first, said)
  })
}

const agents: [agent: string, server: string, tooOld: boolean][] = [
  ['0.5.0', '0.5.0', false],
  ['0.2.0', '0.5.0', false],
  ['0.1.9', '0.5.0', true],
  ['0.9.0', '0.5.0', false],
  ['0.9.0', '1.0.0', true],
  ['dev', '0.5.0', false]
]
for (const [agent, server, tooOld] of agents) {
  t.test(`an agent ${agent} is ${tooOld ? '' : 'not '}too old for a server ${server}`, async (t) => {
    t.equal(isAgentTooOld(agent, server), tooOld)
  })
}
