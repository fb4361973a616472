import { textLike } from '@joinery/host/config-file'
import type { TStringOptions } from 'typebox'
import { isAddress } from '../base/addresses.ts'

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535

/** True if the text is the address of a listener. Port 0 lets the system choose. */
const isListenAddress = (text: string): boolean => {
  const [, host = '', port = ''] = /^(.*):([^:]*)$/.exec(text) ?? []
  return isPort(port) && (host === '' || isAddress(host.replace(/^\[(.*)\]$/, '$1')))
}

/** Schema of the address of a listener. */
export const listenAddress = (options: TStringOptions) =>
  textLike('ADDRESS:PORT or :PORT, with a port up to 65535', isListenAddress, options)
