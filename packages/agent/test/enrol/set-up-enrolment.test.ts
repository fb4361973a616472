import { randomBytes } from 'node:crypto'
import { mkdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { makeCode } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import type { Present, Wanted } from '../../src/enrol/plan-enrol.ts'
import { type EnrolParts, enrol } from '../../src/enrol/set-up-enrolment.ts'
import { loadConfig } from '../../src/program/config.ts'
import { recorder } from '../support/recorder.ts'

const [configFile, codeFile] = ['/etc/joinery/agent.yaml', '/etc/joinery/code']
const old: Wanted = { server: 'https://old.example:7443', pin: `sha256:${'a'.repeat(64)}` }
const wanted: Wanted = { server: 'https://new.example:7443', pin: `sha256:${'b'.repeat(64)}`, name: 'worker-1' }
const [oldCode, code] = [makeCode(randomBytes), makeCode(randomBytes)]

/** A machine; from `power` calls on nothing is done any more. */
const machine = async (t: Test, { configured = false } = {}) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  if (configured) {
    await files.write(configFile, stringify(old), 0o644)
    await files.write(codeFile, `${oldCode}\n`, 0o600)
  }
  const { commands, exec } = recorder()
  const present = async (): Promise<Present> => ({
    config: (await files.exists(configFile)) ? await loadConfig(join(root, configFile)) : undefined,
    joined: false,
    joining: false
  })
  const parts: EnrolParts = { files, exec, configFile, codeFile, toYaml: stringify }
  const says = async () => ({ config: await files.read(configFile), code: await files.read(codeFile) })
  return { root, files, commands, parts, says, present }
}

const enable = 'systemctl enable --now --no-block joinery-agent.service'
const enrolled = { config: stringify(wanted), code: `${code}\n` }

t.test('enrol writes the configuration, then the code, and then enables the service', async (t) => {
  const { root, parts, says, commands, present } = await machine(t)
  await enrol(parts, wanted, code, await present(), false)
  t.same(await says(), enrolled)
  t.equal((await stat(join(root, configFile))).mode & 0o777, 0o644)
  t.equal((await stat(join(root, codeFile))).mode & 0o777, 0o600)
  t.same(commands, [enable], 'the code is in no command line')
})

t.test('the configuration says what the agent may mend before the agent starts', async (t) => {
  const { root, parts, commands, present } = await machine(t)
  await enrol(parts, { ...wanted, remediate: 'off' }, code, await present(), false)
  t.match(await loadConfig(join(root, configFile)), { remediate: 'off' })
  t.same(commands, [enable])
})

t.test('a second enrol with the same configuration changes only the code', async (t) => {
  const { files, parts, says, commands, present } = await machine(t)
  await enrol(parts, wanted, oldCode, await present(), false)
  const comment = `# by hand\n${stringify(wanted)}`
  await files.write(configFile, comment, 0o644)
  await enrol(parts, wanted, code, await present(), false)
  t.same(await says(), { config: comment, code: `${code}\n` })
  t.same(commands, [enable, enable])
})

t.test('enrol leaves another configuration and its code', async (t) => {
  const { parts, says, commands, present } = await machine(t, { configured: true })
  await t.rejects(enrol(parts, wanted, code, await present(), false), {
    exitCode: 1,
    message: /another server, pin, name$/,
    remedy: /--replace/
  })
  t.same(await says(), { config: stringify(old), code: `${oldCode}\n` })
  t.same(commands, [])
})

t.test('enrol --replace stops the agent, then replaces its configuration', async (t) => {
  const { parts, says, commands, present } = await machine(t, { configured: true })
  await enrol(parts, wanted, code, await present(), true)
  t.same(await says(), enrolled)
  t.same(commands, ['systemctl stop joinery-agent.service', enable])
})

/** The calls that change something; the power is cut before or after one of them. */
const cut = (parts: EnrolParts, at: number, when: 'before' | 'after'): EnrolParts => {
  let calls = 0
  const pass =
    <Words extends unknown[], T>(act: (...words: Words) => Promise<T>) =>
    async (...words: Words): Promise<T> => {
      calls += 1
      if (calls === at && when === 'before') throw new Error('power cut')
      const done = await act(...words)
      if (calls === at) throw new Error('power cut')
      return done
    }
  const { create, write, remove } = parts.files
  return { ...parts, exec: pass(parts.exec), files: { create: pass(create), write: pass(write), remove: pass(remove) } }
}

for (const [what, configured, calls] of [
  ['a fresh machine', false, 3],
  ['a configured one', true, 5]
] as const) {
  for (let at = 1; at <= calls; at += 1) {
    for (const when of ['before', 'after'] as const) {
      t.test(
        `${what}: a power cut ${when} act ${at} mixes no code with another server, and a second enrol completes`,
        async (t) => {
          const { parts, says, present } = await machine(t, { configured })
          await t.rejects(enrol(cut(parts, at, when), wanted, code, await present(), configured), /power cut/)
          const left = await says()
          if (left.code !== undefined) {
            t.equal(left.code === enrolled.code, left.config === enrolled.config, 'code and server belong together')
          }
          await enrol(parts, wanted, code, await present(), configured)
          t.same(await says(), enrolled)
        }
      )
    }
  }
}

t.test('of two enrols at the same time one wins whole, and the other needs only a second run', async (t) => {
  const { parts, says, present } = await machine(t)
  const seen = await present()
  await enrol(parts, old, oldCode, seen, false)
  // it looked before the other one wrote
  await t.rejects(enrol(parts, wanted, code, seen, false), {
    exitCode: 1,
    message: /somebody else/,
    remedy: 'run the same command again'
  })
  t.same(await says(), { config: stringify(old), code: `${oldCode}\n` })
  await t.rejects(enrol(parts, wanted, code, await present(), false), /another server/)
  await enrol(parts, old, oldCode, await present(), false)
})

t.test('enrol replaces a link in place of the code or of its draft, and never writes through it', async (t) => {
  const { root, files, parts, says, present } = await machine(t)
  await files.write('/victim', 'mine', 0o644)
  await mkdir(join(root, 'etc/joinery'), { recursive: true })
  for (const link of [codeFile, `${codeFile}.new`]) await symlink(join(root, 'victim'), join(root, link))
  await enrol(parts, wanted, code, await present(), false)
  t.same(await says(), enrolled)
  t.equal(await files.read('/victim'), 'mine')
  t.equal((await stat(join(root, codeFile))).mode & 0o777, 0o600)
})
