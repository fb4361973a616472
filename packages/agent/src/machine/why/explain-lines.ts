import { shellWord } from '@joinery/host/text/shell-word'
import type { Cause } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { filler } from '../kubeadm/failure.ts'
import { evidenceLine, plainLine, sentence } from './evidence.ts'
import { whyRules } from './rules/all.ts'
import type { Look, WhyRule } from './rules/rule.ts'
import { codeOf, type FailingPod, ownerOf } from './whose-pod.ts'

/**
 * The causes that these lines of a journal tell, the newest first, each once. `over`: looks that answered well, so that older lines
 * about them mean nothing any more.
 */
export const explainLines = (lines: readonly string[], over: ReadonlySet<Look>): Cause[] => {
  const causes = new Map<string, Cause>()
  for (const line of [...lines].reverse()) {
    const cause = explainLine(line, over)
    if (cause === undefined) continue
    const stamp = `${cause.code} ${cause.text}`
    if (!causes.has(stamp)) causes.set(stamp, cause)
  }
  return [...causes.values()]
}

const explainLine = (line: string, over: ReadonlySet<Look>): Cause | undefined => {
  // klog and logrus quote what they print, once for each time that it is handed on
  const said = plainLine(line).replace(/\\+"/g, '"')
  const rule = whyRules.find(({ text }) => text.test(said))
  if (rule === undefined || (rule.until !== undefined && over.has(rule.until))) return undefined
  const code = codeIn(rule, said)
  if (code === undefined) return undefined
  return {
    code,
    from: 'machine',
    text: sentence(filler(rule.text, said)(rule.cause)),
    evidence: [evidenceLine(said)],
    remedy: rule.remedy.map(filler(rule.text, said, shellWord)).map((command) => sentence(command))
  }
}

/** The code of the rule. If it is about a Pod, the owner of the Pod decides. Undefined if the Pod is none of the system. */
const codeIn = ({ code }: WhyRule, said: string): Cause['code'] | undefined => {
  if (code !== 'pod-failing' && code !== 'pod-image') return code
  const owner = ownerOf(podIn(said))
  return owner && codeOf(owner, code)
}

/** The Pod that a line is about, as kubelet and containerd name it. */
const podIn = (said: string): FailingPod => {
  const [, inField, podInField] = / pod="?([^"\s/]+)\/([^"\s]+)"?/.exec(said) ?? []
  const [, podInBackOff, inBackOff] = / pod=([^_\s"]+)_([^(\s"]+)\(/.exec(said) ?? []
  const [, image] = /image "?([^"\s]+)/.exec(said) ?? []
  const [, podOfVolume] = /\) pod "([^"]+)" \(UID/.exec(said) ?? []
  const namespace = inField ?? inBackOff
  const pod = podInField ?? podInBackOff ?? podOfVolume
  return given({ namespace, pod, image })
}
