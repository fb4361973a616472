import type { Connection } from './connection.ts'

export const version = async (api: Connection): Promise<string> => (await api.version.getCode()).gitVersion
