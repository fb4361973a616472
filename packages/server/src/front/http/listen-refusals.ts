import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import { shellWord } from '@joinery/host/text/shell-word'

/**
 * Explains why a listener cannot listen at the address that this setting has. Returns an error of any other kind as it is.
 */
export const listenRefusal = (
  error: NodeJS.ErrnoException,
  listen: string,
  setting: 'agents.listen' | 'metrics.listen'
): Error => {
  const port = listen.slice(listen.lastIndexOf(':') + 1)
  const refuse = (why: string, remedy: string) =>
    new CommandEnd(commonCodes.failure, `${setting}: ${why}`, remedy, { cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return refuse(
        `port ${port} is taken, maybe by a joinery-server that runs already`,
        `see which program has it: ss --listening --tcp --processes --numeric 'sport = :${port}'`
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refuse(
        `this host has no address of ${listen}`,
        'see its addresses: ip address; or leave the address out, to listen on all of them'
      )
    case 'EACCES':
      return refuse(`this user may not listen on port ${port}`, 'take a port from 1024 on, or run it as root (sudo)')
    default:
      return error
  }
}

/** Explains why the operators' listener cannot listen on its socket. Returns an error of any other kind as it is. */
export const operatorsRefusal = (error: NodeJS.ErrnoException, path: string): Error => {
  const refuse = (why: string, remedy: string) =>
    new CommandEnd(commonCodes.failure, `operators.socket: ${why}`, remedy, { cause: error })
  const folder = dirname(path)
  // if the folder does not exist, the system says EACCES even to root
  if (!existsSync(folder)) {
    return refuse(
      `the folder ${folder} is not there`,
      `systemctl start joinery-server, which makes /run/joinery; for another folder: mkdir --mode=0700 ${shellWord(folder)}`
    )
  }
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return refuse(`this user may not make ${path}`, 'run it as root (sudo), or: systemctl start joinery-server')
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return refuse(`the path ${path} is too long for a socket, which takes 107 bytes`, 'give it a shorter one')
    default:
      return error
  }
}
