// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_engineStub(); void bottega_engineStub() {} }
