import t from 'tap'
import { versionReader } from '../../src/host/versions.ts'
import { recorder } from '../support/recorder.ts'

const printed: Record<string, string> = {
  'kubelet --version': 'Kubernetes v1.37.2\n',
  'kubeadm version -o short': 'v1.34.4\n',
  'kubectl version --client': 'Client Version: v1.36.0-rc.1\nKustomize Version: v5.8.1\n'
}

t.test('the version is read out of what each program prints', async (t) => {
  const read = versionReader(recorder((command) => printed[command] ?? '').exec, async () => 'a file')
  t.equal(await read('kubelet'), 'v1.37.2')
  t.equal(await read('kubeadm'), 'v1.34.4')
  t.equal(await read('kubectl'), 'v1.36.0-rc.1')
})

t.test('a program is run again only after its file has changed', async (t) => {
  const { commands, exec } = recorder((command) => printed[command] ?? '')
  let file = 'v1.37.2'
  const read = versionReader(exec, async () => file)
  await Promise.all([read('kubelet'), read('kubelet')])
  t.equal(commands.length, 1)
  file = 'v1.37.3'
  await read('kubelet')
  t.equal(commands.length, 2)
})

t.test('a program has a minute, since a slow disk takes long to give tens of megabytes', async (t) => {
  const limits: unknown[] = []
  const read = versionReader(
    async (_argv, options) => {
      limits.push(options?.timeout)
      return 'v1.37.2'
    },
    async () => 'a file'
  )
  await read('kubelet')
  t.same(limits, [60_000])
})

t.test('a program that did not run is tried again', async (t) => {
  const { commands, exec } = recorder(() => {
    throw new Error('exit status 1')
  })
  const read = versionReader(exec, async () => 'a file')
  await t.rejects(read('kubelet'), { message: 'exit status 1' })
  await t.rejects(read('kubelet'), { message: 'exit status 1' })
  t.equal(commands.length, 2)
})

t.test('a program without a file is not installed, and is not run', async (t) => {
  const { commands, exec } = recorder()
  await t.rejects(versionReader(exec, async () => undefined)('kubelet'), { name: 'CommandError', code: 'ENOENT' })
  t.same(commands, [])
})
