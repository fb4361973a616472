export const defaultConfigFile = '/etc/joinery/server.yaml'

/** Where a server that has no configuration yet keeps its state; later the configuration says it. */
export const defaultStateDirectory = '/var/lib/joinery-server'

/** Comes with the package of the server; a checkout has none. */
export const packagedAgent = '/usr/share/joinery-server/joinery-agent_amd64.deb'
