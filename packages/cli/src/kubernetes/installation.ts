import { CommandEnd } from '@joinery/host/command-end'
import { type InstallationView, installationName } from '@joinery/protocol/door'
import { exitCodes } from '../terminal/errors.ts'
import type { DoorApi } from './door-api.ts'
import { setupRemedy } from './explain-answer.ts'
import { InstallationObject } from './objects.ts'

/** Reads what the pairing server of this cluster shows of itself. Throws if there is nothing yet. */
export const readInstallation = async (api: DoorApi): Promise<InstallationView> => {
  const object = await api.read('installations', installationName, InstallationObject)
  if (object !== undefined) return object.status
  const cause = 'the pairing server has not shown itself in this cluster'
  throw new CommandEnd(exitCodes.failure, cause, `${setupRemedy}; then see: systemctl status joinery-server`)
}
