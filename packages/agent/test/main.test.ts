import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What the program says to this configuration; the folder is taken out of its words. */
const run = (t: Test, files: Record<string, string>) => {
  const folder = t.testdir(files)
  const words = [main, 'run', '--config', join(folder, 'agent.yaml')]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, stdout, stderr: stderr.replaceAll(`${folder}/`, '').trim().split('\n').sort() }
}

t.test('a configuration that cannot be used is exit code 2, and every problem with its line', async (t) => {
  const lines = [
    'server: https://192.0.2.1:7443',
    'apiEndpoint: [192.0.2.1]',
    'pinn: x',
    '',
    'codeFile: 7',
    'nodeIp: eth0'
  ]
  t.same(run(t, { 'agent.yaml': lines.join('\n') }), {
    status: 2,
    stdout: '',
    stderr: [
      'agent.yaml: file: must have required properties pin',
      'agent.yaml:2: apiEndpoint: must be string',
      'agent.yaml:3: pinn: unknown key',
      'agent.yaml:5: codeFile: must be string',
      'agent.yaml:6: nodeIp: must match pattern "^[0-9A-Fa-f:.]{2,45}$"'
    ]
  })
})

t.test('so is one that is not there', async (t) => {
  t.match(run(t, {}), { status: 2, stdout: '', stderr: [/^agent\.yaml: ENOENT: no such file/] })
})
