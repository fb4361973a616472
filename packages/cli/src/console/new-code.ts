import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { given } from '@joinery/protocol/given'
import { cloudInit, exactName, hasPackage } from '../code/cloud-init.ts'
import { enrolCommandOf, orRevoke } from '../code/installable-code.ts'
import { warnedOfAgent } from '../code/released-agents.ts'
import { findIsoProgram, makeSeedIso } from '../code/seed-iso.ts'
import type { OperatorClient, SeenNewCode } from '../operator-client.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ConsoleApi, CreatedCode } from './contract.ts'

type Surroundings = Pick<Terminal, 'exec' | 'releaseFolder'>

/** Makes a code, and all that a machine can get it by. A code that cannot be handed over is revoked. */
export const newCode =
  (client: OperatorClient, terminal: Surroundings): ConsoleApi['codeCreate'] =>
  async ({ request, iso = false }) => {
    // all that can fail without a code fails before there is one
    const program = iso ? await findIsoProgram(terminal.exec) : undefined
    const code = await client.createCode(request)
    let created: CreatedCode | undefined
    await orRevoke(client, code, async () => {
      created = await handedOver(code, program, terminal)
    })
    return created as CreatedCode
  }

const handedOver = async (
  made: SeenNewCode,
  program: readonly string[] | undefined,
  { exec, releaseFolder }: Surroundings
): Promise<CreatedCode> => {
  const command = enrolCommandOf(made)
  if (!hasPackage(made)) return { code: made, command }
  const code = warnedOfAgent(made, releaseFolder)
  const userData = cloudInit(code)
  const iso = program === undefined ? undefined : await seedIso(code, userData, program, exec)
  return { code, command, userData, ...given({ iso }) }
}

/** The seed disk in base64. It is made in a folder that only this user can read, and that is gone afterwards. */
const seedIso = async (
  code: SeenNewCode,
  userData: string,
  program: readonly string[],
  exec: Terminal['exec']
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-console-'))
  try {
    const path = join(folder, 'seed.iso')
    const seed = {
      userData,
      instanceId: `joinery-${code.id}`,
      hostname: exactName(code),
      networkConfig: undefined
    }
    await makeSeedIso(exec, program, path, seed)
    return (await readFile(path)).toString('base64')
  } finally {
    await rm(folder, { recursive: true })
  }
}
