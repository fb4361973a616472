import { operatorName } from '@joinery/protocol'

interface Environment {
  SUDO_USER?: string | undefined
  SUDO_UID?: string | undefined
}

/**
 * The operator's name: the user who became root by sudo, else the user of this process. Undefined if neither has a name
 * that can be a label.
 */
export const whoTypes = (
  { SUDO_USER, SUDO_UID }: Environment,
  userInfo: () => { username: string; uid: number }
): string | undefined => {
  if (SUDO_USER && SUDO_UID) return operatorName(SUDO_USER, SUDO_UID)
  try {
    const { username, uid } = userInfo()
    return operatorName(username, uid)
  } catch {
    // the uid has no name on this machine
    return undefined
  }
}
