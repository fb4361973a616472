import { randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Status } from '@joinery/protocol'
import type { Test } from 'tap'
import { worldOf } from '../api-desk.ts'
import { waitFor } from '../bed/wait-for.ts'
import { paperMachine } from '../paper-machine.ts'
import { minutes, type Product, serverProgram } from '../product.ts'
import { watchTokens } from '../token-watch.ts'

/** A store of before, beside a real cluster that went on: by `restore`, and put there by hand. */
export const restoresStore = async (t: Test, product: Product): Promise<void> => {
  const { bed } = product
  const tokens = await watchTokens(bed)
  const { joinery, show } = product

  const state = bed.hostPath('/var/lib/joinery-server')
  const aside = join(state, 'aside')
  const storeFiles = async (folder: string) => (await readdir(folder)).filter((name) => name.startsWith('joinery.db'))
  const server = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await bed.exec([...serverProgram, ...words])
    if (code !== 0) throw new Error(`${words.join(' ')}: exit status ${code}\n${stderr}`)
  }
  const generation = async (): Promise<number> => {
    const annotation = 'jsonpath={.metadata.annotations.joinery\\.dev/generation}'
    const said = await bed.kubectl('-n', 'joinery-system', 'get', 'configmap', 'joinery-banned', '-o', annotation)
    // behind it stands its MAC
    return Number(said.split(' ')[0])
  }
  const alerts = async (): Promise<string[]> => {
    const { stdout } = await product.tryJoinery('status', '-o', 'json')
    return (JSON.parse(stdout) as Status).alerts.last.map(({ event }) => event)
  }
  const approved = async (name: string) => {
    const machine = paperMachine(product, name)
    await machine.enrol((await product.code(name)).code)
    await joinery('approve', name, '--yes')
    return machine
  }
  const noTokenLeft = () => waitFor('the token to go', tokens.left, ({ length }) => length === 0, minutes)

  const stolen = await approved('stolen')
  const joining = await approved('joining')
  const late = paperMachine(product, 'late')
  const revoked = await product.code('late')

  t.test('the server works while its backup is made', async (t) => {
    const others = (await tokens.left()).length
    await joining.claimToken()
    t.equal((await tokens.left()).length, others + 1)
    await mkdir(aside, { mode: 0o700 })
    await writeFile(bed.hostPath('/run/joinery/passphrase'), randomBytes(24).toString('base64'), { mode: 0o600 })
    await server('backup', '--passphrase-file', '/run/joinery/passphrase', '/run/joinery/of-before.backup')
  })

  t.test('a store that is restored beside a cluster that went on lets nobody in', async (t) => {
    const before = await generation()
    await joinery('reject', 'stolen', '--reason', 'stolen')
    await joinery('code', 'revoke', revoked.id)
    await waitFor('the cluster to know of it', generation, (number) => number > before, minutes)
    await product.kill()
    for (const name of await storeFiles(state)) await rename(join(state, name), join(aside, name))
    await server('restore', '--passphrase-file', '/run/joinery/passphrase', '/run/joinery/of-before.backup')
    await product.start()
    for (const [name, machine] of Object.entries({ stolen, joining })) {
      t.equal((await show(name)).state, 'pending', name)
      t.match(await machine.claim(), { refused: 'illegal-event' }, name)
    }
    t.match(await late.enrol(revoked.code), { refused: 'code-revoked' })
    await noTokenLeft()
    t.equal((await alerts())[0], 'restore', 'the newest one')
  })

  t.test('a machine that is approved again gets a token of the next attempt, and a certificate by it', async (t) => {
    await joinery('approve', 'joining', '--yes')
    const token = await joining.claimToken()
    t.equal((await show('joining')).attempts.length, 2)
    const csr = await joining.askForCertificate(token, 'joining')
    const world = await worldOf(bed)
    t.ok(await waitFor('its certificate', async () => (await world.csr(csr))?.certificate, Boolean, minutes))
  })

  t.test('the cluster’s generation shows that somebody put a store back by hand', async (t) => {
    await approved('copied')
    await product.kill()
    await rm(aside, { recursive: true })
    await mkdir(aside, { mode: 0o700 })
    const names = await storeFiles(state)
    for (const name of names) await cp(join(state, name), join(aside, name))
    const earlier = await generation()
    await product.start()
    // a server that starts raises it by itself
    const before = await waitFor('the server to have looked', generation, (number) => number > earlier, minutes)
    await joinery('reject', 'copied', '--reason', 'stolen')
    await waitFor('the cluster to know of it', generation, (number) => number > before, minutes)
    await product.kill()
    for (const name of await storeFiles(state)) await rm(join(state, name))
    for (const name of names) await cp(join(aside, name), join(state, name))
    await product.start()
    const settled = async () => (await show('copied')).state
    t.equal(await waitFor('its approval to be taken back', settled, (seen) => seen === 'pending', minutes), 'pending')
    t.ok((await alerts()).includes('older-store'))
    t.ok((await generation()) > before, 'and the cluster knows that it was settled')
  })
}
