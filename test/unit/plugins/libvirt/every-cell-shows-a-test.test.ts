// Claim: each cell of the matrix of domains, networks, pools and volumes names a test that is there and says what it shows.
import { showsEveryCell } from '../../../support/matrix-cells.ts'

const kept = ['snapshot', 'backup', 'snapshot restore', 'backup restore', 'snapshot remove', 'backup remove']

describe('every cell of the libvirt matrix', () => {
  showsEveryCell('libvirt', {
    domain: ['suspend', 'resume', 'file systems', ...kept],
    network: kept,
    pool: kept,
    volume: kept,
  })
})
