import { type InitOptions, init } from '@joinery/server/testing/init'

/** Runs `joinery-server init` without output, on a host that is reached at 127.0.0.1. Returns the pin. */
export const initServer = (
  where: Pick<InitOptions, 'stateDirectory' | 'configFile'> & Partial<InitOptions>
): Promise<string> =>
  init({ addresses: ['127.0.0.1'], machineAddresses: [], now: new Date(), print: () => {}, ...where })
