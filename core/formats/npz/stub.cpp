// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_npzStub(); void bottega_npzStub() {} }
