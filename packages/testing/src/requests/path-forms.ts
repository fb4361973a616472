/**
 * Ways to write a path in the first line of a request. Some routers take them for the path itself. A guard by path is tried with each
 * of them.
 */
export const pathForms = (path: string): readonly string[] => {
  const [first = '', ...rest] = path.slice(1).split('/')
  const below = rest.map((part) => `/${part}`).join('')
  return [
    path,
    `/${encoded(first)}${below}`,
    `/${encoded(first).toLowerCase()}${below}`,
    `/${first.slice(0, -1)}${encoded(first.slice(-1))}${below}`,
    `/${first}%2f${rest.join('/')}`,
    `/%2f${first}${below}`,
    `https://x${path}`,
    `http://x${path}`,
    `HTTPS://x${path}`,
    `https://x@y:1${path}`,
    `x:${path}`,
    `//x${path}`,
    `/${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}?`,
    `${path}?x=/`,
    `${path}#x`,
    `${path};x`,
    `${path}%00`,
    `${path}%3f`,
    `/${first.toUpperCase()}${below}`,
    path.replaceAll('/', '\\')
  ]
}

const encoded = (text: string): string => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')
