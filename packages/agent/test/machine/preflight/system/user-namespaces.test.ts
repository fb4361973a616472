import { userNamespaces } from '../../../../src/machine/preflight/system/user-namespaces.ts'
import { table } from '../../../support/check-table.ts'
import type { Table } from '../../../support/table-host.ts'

const passwd = 'root:x:0:0:root:/root:/bin/bash\n'
const files = { '/etc/passwd': `${passwd}kubelet:x:998:998::/:/usr/sbin/nologin\n`, '/usr/bin/getsubids': '' }
const programs = { kubelet: 'v1.37.2' }

/** A machine with the user, and what getsubids prints of its user ids and group ids. */
const withRange = (users: string | number, groups: string | number = users): Table => ({
  files,
  programs,
  commands: { 'getsubids kubelet': users, 'getsubids -g kubelet': groups }
})
const remedy = /^# give it one line in \/etc\/subuid, and the same in \/etc\/subgid, as kubelet:65536:7208960\n/

table(userNamespaces({}), [
  {
    name: 'no user kubelet',
    machine: { files: { ...files, '/etc/passwd': `${passwd}kubelet-2:x:1:1::/:\n` }, programs },
    verdict: 'pass',
    finding: /no user kubelet/
  },
  {
    name: 'the user without getsubids',
    machine: { files: { '/etc/passwd': files['/etc/passwd'] }, programs },
    verdict: 'pass',
    finding: /getsubids is not installed/
  },
  {
    name: 'a range for 110 Pods',
    machine: withRange('0: kubelet 65536 7208960\n'),
    verdict: 'pass',
    finding: /has the 7208960 ids from 65536 on/
  },
  {
    name: 'a larger one',
    machine: withRange('0: kubelet 131072 2147418112\n'),
    verdict: 'pass',
    finding: /from 131072 on/
  },
  { name: 'no range', machine: withRange(1), verdict: 'fail', finding: /has no subordinate ids/, remedy },
  {
    name: 'user ids without group ids',
    machine: withRange('0: kubelet 65536 7208960\n', 1),
    verdict: 'fail',
    finding: /has no subordinate ids/,
    remedy
  },
  {
    name: 'others of groups',
    machine: withRange('0: kubelet 65536 7208960\n', '0: kubelet 131072 7208960\n'),
    verdict: 'fail',
    finding: /other subordinate user ids than group ids/,
    remedy
  },
  {
    name: 'two ranges',
    machine: withRange('0: kubelet 65536 7208960\n1: kubelet 9999900672 7208960\n'),
    verdict: 'fail',
    finding: /several ranges/,
    remedy
  },
  {
    name: "those of the machine's own users",
    machine: withRange('0: kubelet 0 7208960\n'),
    verdict: 'fail',
    finding: /ids from 0 on/,
    remedy
  },
  {
    name: 'as useradd gives them',
    machine: withRange('0: kubelet 100000 65536\n'),
    verdict: 'fail',
    finding: /has ids from 100000 on, which is no multiple of 65536/,
    remedy
  },
  {
    name: 'a part of a block at the end',
    machine: withRange('0: kubelet 65536 7208961\n'),
    verdict: 'fail',
    finding: /has 7208961 ids, which is no multiple/,
    remedy
  },
  {
    name: 'one block too few',
    machine: withRange('0: kubelet 65536 7143424\n'),
    verdict: 'fail',
    finding: /has 7143424 ids, and 110 Pods need 7208960$/,
    remedy
  }
])

table(
  userNamespaces({ maxPods: 250, idsPerPod: 131_072 }),
  [
    {
      name: 'enough for 110 small ones',
      machine: withRange('0: kubelet 65536 7208960\n'),
      verdict: 'fail',
      finding: /250 Pods need 32768000$/,
      remedy: /kubelet:65536:32768000/
    },
    { name: 'enough', machine: withRange('0: kubelet 65536 32768000\n'), verdict: 'pass', finding: /32768000 ids/ }
  ],
  'user-namespaces of 250 Pods with two blocks each'
)

const bad = '0: kubelet 100000 65536\n'
table(
  userNamespaces({ userNamespaces: false }),
  [
    {
      name: 'a kubelet that can be told to',
      machine: { ...withRange(bad), programs: { kubelet: 'v1.35.1' } },
      verdict: 'skipped',
      finding: /does not use user namespaces/
    },
    { name: 'one that cannot', machine: withRange(bad), verdict: 'fail', finding: /100000/, remedy }
  ],
  'user-namespaces switched off in the cluster'
)
table(
  userNamespaces(undefined),
  [
    {
      name: 'a kubelet of before they were on by default',
      machine: { ...withRange(bad), programs: { kubelet: 'v1.32.9' } },
      verdict: 'skipped',
      finding: /does not use/
    },
    {
      name: 'one that has them by default',
      machine: { ...withRange(bad), programs: { kubelet: 'v1.33.0' } },
      verdict: 'fail',
      finding: /100000/,
      remedy
    },
    { name: 'no kubelet yet', machine: { ...withRange(bad), programs: {} }, verdict: 'fail', finding: /100000/, remedy }
  ],
  'user-namespaces of a cluster that is not known'
)
