export const defaultConfigFile = '/etc/joinery/server.yaml'

/** State folder of a server that has no configuration yet. Later the configuration names it. */
export const defaultStateDirectory = '/var/lib/joinery-server'

/**
 * Path of the agent's package, which comes with the package of the server; a checkout has none. dpkg names the
 * `architecture`.
 */
export const packagedAgentOf = (architecture: 'amd64' | 'arm64'): string =>
  `/usr/share/joinery-server/joinery-agent_${architecture}.deb`

export const packagedAgent = packagedAgentOf(process.arch === 'arm64' ? 'arm64' : 'amd64')
