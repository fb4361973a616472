import t from 'tap'
import { setup } from '../../../../src/adapters/kubernetes/setup/setup.ts'
import { kubeconfigs } from '../../../../src/commands/setup.ts'

t.test("the administrator's kubeconfig is the option, then that of kubectl, then that of kubeadm", async (t) => {
  const table: [given: string | undefined, environment: string | undefined, files: string[]][] = [
    ['a.conf', 'b.conf', ['a.conf']],
    [undefined, '/b.conf:/c.conf', ['/b.conf', '/c.conf']],
    [undefined, '', ['/etc/kubernetes/admin.conf']],
    [undefined, undefined, ['/etc/kubernetes/admin.conf']]
  ]
  for (const [given, environment, files] of table)
    t.same(kubeconfigs(given, environment), files, `${given} ${environment}`)
})

t.test('the remedy for a missing kubeconfig is not the command that just failed', async (t) => {
  const adminKubeconfigs = ['/nowhere/admin.conf']
  const print = () => t.fail('nothing is done')
  const asked = {
    adminKubeconfigs,
    serverKubeconfig: '',
    parts: { credential: 'token', serving: false, diagnosis: false, log: false },
    renew: false,
    apiEndpoint: undefined
  } as const
  await t.rejects(setup({ ...asked, now: new Date(), print }), {
    message: 'there is no kubeconfig /nowhere/admin.conf',
    text: { remedy: 'give the kubeconfig of a cluster administrator: --kubeconfig FILE' }
  })
})
