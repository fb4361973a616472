/** ServiceAccount of the server. No Pod runs as it: its token is asked for, and lives a week at most. */
export const account = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: joinery-server, namespace: joinery-system}
automountServiceAccountToken: false
`

export const identity = `
apiVersion: v1
kind: Namespace
metadata: {name: joinery-system}
---${account}`
