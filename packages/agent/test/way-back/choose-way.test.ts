import t from 'tap'
import type { KubeletSight } from '../../src/machine/port/recovering.ts'
import { chooseWay } from '../../src/way-back/steps.ts'

const conf = { server: 'https://balancer:6443', ca: 'the old CA' }
const given = { server: 'https://192.0.2.1:6443', certificateAuthority: 'the new CA' }
const http = { answer: 'http', status: 401 } as const
const untrusted = { answer: 'untrusted' } as const
const none = { answer: 'none', why: '' } as const
const cp = { authorityKey: true, ca: 'its own CA' }

t.test(
  'the kubelet keeps its way to the API server if that was verified, else it gets the pinned server’s',
  async (t) => {
    const renewed = { server: given.server, ca: 'the new CA', renewsAuthority: true }
    const own = { ca: 'its own CA', renewsAuthority: false }
    const rows: [string, Partial<KubeletSight>, string | undefined, object][] = [
      ['it was verified', { conf, api: http }, undefined, { ...conf, renewsAuthority: false }],
      ['another CA', { conf, api: untrusted }, undefined, renewed],
      ['nothing is known of it', { conf, api: none }, undefined, renewed],
      ['there is no kubelet.conf', {}, undefined, renewed],
      ['a control plane', { conf, api: http, controlPlane: cp }, undefined, { ...conf, renewsAuthority: false }],
      [
        'a control plane that is down',
        { conf, api: none, controlPlane: cp },
        undefined,
        { server: conf.server, ...own }
      ],
      ['one without kubelet.conf', { controlPlane: cp }, '192.0.2.9', { server: 'https://192.0.2.9:6443', ...own }],
      ['the same with IPv6', { controlPlane: cp }, '2001:db8::9', { server: 'https://[2001:db8::9]:6443', ...own }],
      ['one that nobody knows', { controlPlane: cp }, undefined, { server: given.server, ...own }],
      [
        'one without its CA',
        { controlPlane: { authorityKey: false } },
        undefined,
        { server: given.server, ca: 'the new CA', renewsAuthority: false }
      ]
    ]
    for (const [what, sight, address, way] of rows) {
      t.same(chooseWay({ pem: { state: 'missing' }, bootstrapConf: false, ...sight }, given, address), way, what)
    }
  }
)
