// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_idxStub(); void bottega_idxStub() {} }
