// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_runStub(); void bottega_runStub() {} }
