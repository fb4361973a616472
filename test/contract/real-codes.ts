import { connectionTo } from '@joinery/kube'
import type { CodeStatusView } from '@joinery/protocol/door'
import { kubernetesCodes, type SeenCode } from '@joinery/server/testing/kubernetes-door'
import type { OpenAsked } from './asked-contract.ts'
import { openRealAsked } from './real-asked.ts'

/** Codes of a real cluster, as `openRealDecisions`. */
export const openRealCodes = async (
  adminFile: string,
  serverFile: string
): Promise<OpenAsked<SeenCode, CodeStatusView>> => {
  const metadata = (spec: object) => ({ name: 'hash' in spec ? spec.hash : '' })
  const kind = { kind: 'Code', plural: 'codes', metadata } as const
  const opened = await openRealAsked<CodeStatusView>(adminFile, serverFile, kind)
  return { ...opened, objects: kubernetesCodes(connectionTo(serverFile)) }
}
