import t from 'tap'
import { controlText } from '../../packaging/deb.ts'

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
