import { execFileSync } from 'node:child_process'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { buildDeb, controlText } from '../../packaging/debian/deb.ts'

t.test(
  'the control file has its fields in their order, indented where a field goes on, and the size in KiB',
  async (t) => {
    const files = [1, 1024, 1025].map((bytes) => ({ path: `/${bytes}`, mode: 0o644, content: Buffer.alloc(bytes) }))
    t.equal(
      controlText({ Package: 'p', Description: 'short\nlong' }, files),
      'Package: p\nDescription: short\n long\nInstalled-Size: 4\n'
    )
  }
)

t.test("files, links and folders of a package are root's", { skip: needs('dpkg-deb') }, async (t) => {
  const deb = await buildDeb(
    t.testdir({}),
    {
      control: {
        Package: 'joinery-test',
        Version: '1.0',
        Architecture: 'all',
        Maintainer: 'Nobody <nobody@joinery.invalid>',
        Description: 'test'
      },
      scripts: {},
      files: [{ path: '/usr/bin/first', mode: 0o755, content: '#!/bin/sh' }],
      links: { '/usr/bin/second': 'first' },
      folders: ['/etc/joinery']
    },
    12
  )
  t.match(deb, /\/joinery-test_1\.0_all\.deb$/)
  const listed = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' })
  t.match(listed, /^drwxr-xr-x root\/root .* \.\/etc\/joinery\/$/m)
  t.match(listed, /^-rwxr-xr-x root\/root .* \.\/usr\/bin\/first$/m)
  t.match(listed, /^lrwxrwxrwx root\/root .* \.\/usr\/bin\/second -> first$/m)
})
