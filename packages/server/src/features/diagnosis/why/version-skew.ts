/** Minor versions that a kubelet may be older than its API server (kubernetes.io/releases/version-skew-policy). */
const olderAtMost = 3

/** Says why a kubelet of that version cannot be with that API server. Undefined if it can, or a version is not one. */
export const skewOf = (kubelet: string, api: string): string | undefined => {
  const [mine, its] = [minorOf(kubelet), minorOf(api)]
  if (mine === undefined || its === undefined) return undefined
  if (mine > its) return `the kubelet is ${kubelet}, newer than the API server, which is ${api}`
  return its - mine > olderAtMost
    ? `the kubelet is ${kubelet}, more than ${olderAtMost} minor versions older than the API server, which is ${api}`
    : undefined
}

const minorOf = (version: string): number | undefined => {
  const [, minor] = /^v1\.(\d{1,3})\./.exec(version) ?? []
  return minor === undefined ? undefined : Number(minor)
}
