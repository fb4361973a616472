import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../bundle/bundle.ts'
import type { BundledPackage } from './bundled-packages.ts'
import { licencesByHand } from './licences-by-hand.ts'

/** Name and version of each package, with the text of its licence. Throws with a list of those that have no text. */
export const bundledLicences = (packages: readonly BundledPackage[]): string => {
  const texts = packages.map((one) => ({ ...one, text: licenceText(one) }))
  const without = texts.filter(({ text }) => text === undefined)
  if (without.length > 0) {
    const list = without.map(({ name, version, license }) => `${name} ${version} (${license})`)
    throw new Error(
      `packages that ship no text of their licence: write it down in packaging/dependencies\n${list.join('\n')}`
    )
  }
  return texts.map(({ name, version, license, text }) => `==== ${name} ${version} (${license})\n\n${text}`).join('\n')
}

const licenceText = ({ name, license, folder }: BundledPackage): string | undefined => {
  const shipped = readdirSync(`${root}/${folder}`).filter((entry) => /^((un)?licen[cs]e|notice)/i.test(entry))
  if (shipped.some((entry) => /licen/i.test(entry))) return textsOf(shipped.map((entry) => `${folder}/${entry}`))
  const byHand = licencesByHand[name]
  return byHand?.license === license ? textsOf(byHand.files) : undefined
}

const textsOf = (files: readonly string[]): string =>
  files.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n')
