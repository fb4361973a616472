/** A command for a machine that shows where one of these is, texts as in base64. The search must not find itself. */
export const search = (secrets: readonly string[]): string => {
  const pattern = secrets.map((secret) => `[${secret[0]}]${secret.slice(1).replaceAll('+', '[+]')}`).join('|')
  const places =
    '/etc /run /tmp /root /var/lib/cloud /var/lib/joinery-agent /var/lib/joinery-server /var/lib/kubelet /var/log'
  return (
    `{ grep -raEl '${pattern}' ${places}; journalctl --no-pager | grep -E '${pattern}'; ` +
    `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -E '${pattern}'; } 2>/dev/null`
  )
}
